//! The pass against time.

use std::marker::PhantomData;
use std::ops::Range;

use super::cell::{Past, Unit};
use super::lanes::{LANES, Lanes, load, store};
use super::panels::Panels;
use super::{Cell, Sequence, gru, lstm, rnn};
use crate::gemm::{GemmElement, Matrix};
use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool::SharedMut;
use crate::scratch;

/// What [`forward`](super::forward()) has filled.
#[derive(Debug, Clone, Copy)]
pub struct Tape<'a, T> {
    /// `[T + 1, B, H]`.
    pub states: &'a [T],
    /// `[T + 1, B, H]` for a cell with a memory, else empty.
    pub memories: &'a [T],
    /// `[T, B, kept · H]`; not read for a plain RNN.
    pub kept: &'a [T],
}

/// The gradients that come from above; `None` is zero.
#[derive(Debug, Clone, Copy)]
pub struct Upstream<'a, T> {
    /// Of the outputs, `[T, B, H]`; not read where a row lacks the step.
    pub outputs: Option<&'a [T]>,
    /// Of the state at the end, `[B, H]`.
    pub state: Option<&'a [T]>,
    /// Of the memory at the end, `[B, H]`.
    pub memory: Option<&'a [T]>,
}

/// What the pass fills.
#[derive(Debug)]
pub struct Backward<'a, T> {
    /// `[T, B, kept · H]`: the gradients of the sums inside the gates.
    pub kept: &'a mut [T],
    /// `[kept · H]`: their sums over all rows and steps, which are the gradients of the biases.
    pub bias: &'a mut [T],
    /// `[B, H]`: that of the state at the start.
    pub state: &'a mut [T],
    /// `[B, H]`: that of the memory at the start, or empty.
    pub memory: &'a mut [T],
}

/// Whether the gradient of the state at the start is needed: it takes one more product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It is worked out.
    Wanted,
    /// What is written in its place is of no use.
    Unwanted,
}

/// Runs the sequence backwards, from the end to the start.
///
/// The sums for the biases are made step by step, rows in order.
///
/// # Panics
/// If a length does not fit `seq`.
pub fn backward<T: GemmElement + Real>(
    seq: &Sequence<'_>,
    w_hh: &[T],
    tape: Tape<'_, T>,
    upstream: Upstream<'_, T>,
    start: Start,
    out: Backward<'_, T>,
) {
    seq.check();
    let slot = |x: Option<&[T]>| x.is_none_or(|x| x.len() == seq.slot());
    let outputs = seq.steps * seq.slot();
    assert_eq!(w_hh.len(), seq.cell.gates() * seq.hidden * seq.hidden, "recurrent: w_hh");
    assert_eq!(tape.states.len(), seq.states_len(), "recurrent: length of states");
    assert_eq!(tape.memories.len(), seq.memories_len(), "recurrent: length of memories");
    assert!(seq.cell.kept() == 1 || tape.kept.len() == seq.kept_len(), "recurrent: kept");
    assert!(upstream.outputs.is_none_or(|x| x.len() == outputs), "recurrent: outputs");
    assert!(slot(upstream.state) && slot(upstream.memory), "recurrent: gradients at the end");
    assert_eq!(out.kept.len(), seq.kept_len(), "recurrent: length of the gradient of kept");
    assert_eq!(out.bias.len(), seq.kept_row(), "recurrent: length of the gradient of the bias");
    assert_eq!(out.state.len(), seq.slot(), "recurrent: gradient of the start");
    let memory = if seq.cell.has_memory() { seq.slot() } else { 0 };
    assert_eq!(out.memory.len(), memory, "recurrent: gradient of the start");
    begin(out.state, upstream.state);
    begin(out.memory, upstream.memory);
    out.bias.fill(T::ZERO);
    if out.kept.is_empty() {
        return;
    }
    let share = seq.share();
    let products = seq.steps - usize::from(start == Start::Unwanted);
    let panels = Panels::backward(seq, share, w_hh, products);
    let run = Run { seq, share, panels, tape, outputs: upstream.outputs, start };
    match seq.cell {
        Cell::RnnTanh => run.all::<rnn::Tanh>(out),
        Cell::RnnRelu => run.all::<rnn::Relu>(out),
        Cell::Lstm => run.all::<lstm::Lstm>(out),
        Cell::Gru => run.all::<gru::Gru>(out),
    }
}

/// The gradient at the end; it is carried in place to the start.
fn begin<T: Real>(carried: &mut [T], end: Option<&[T]>) {
    match end {
        Some(end) if !carried.is_empty() => carried.copy_from_slice(end),
        _ => carried.fill(T::ZERO),
    }
}

/// What stays the same from step to step.
struct Run<'a, T> {
    seq: &'a Sequence<'a>,
    share: usize,
    panels: Panels<'a, T>,
    tape: Tape<'a, T>,
    outputs: Option<&'a [T]>,
    start: Start,
}

impl<T: GemmElement + Real> Run<'_, T> {
    fn all<C: Unit>(&self, out: Backward<'_, T>) {
        let seq = self.seq;
        let slot = seq.batch * seq.kept_row();
        let state = SharedMut::new(out.state);
        let memory = SharedMut::new(out.memory);
        let bias = SharedMut::new(out.bias);
        let mut later = None;
        for s in (0..seq.steps).rev() {
            let t = seq.time(s);
            let (now, after) = parted(out.kept, slot, t, later);
            let kept = SharedMut::new(now);
            let [state, memory, bias] = [&state, &memory, &bias];
            let step = Step { run: self, t, later: after, kept, state, memory, bias };
            seq.each_share(self.share, |units| {
                step.carry(units.clone());
                step.gates::<C>(units);
            });
            later = Some(t);
        }
        if self.start == Start::Wanted {
            let first = seq.time(0);
            let after = Some((first, &out.kept[first * slot..][..slot]));
            let kept = SharedMut::new(&mut []);
            let [state, memory, bias] = [&state, &memory, &bias];
            let step = Step { run: self, t: first, later: after, kept, state, memory, bias };
            seq.each_share(self.share, |units| step.carry(units));
        }
    }
}

/// A step and its part of the gradient.
type Later<'a, T> = Option<(usize, &'a [T])>;

/// The part of step `t` to be written, and that of the step that was done before it.
fn parted<T>(
    kept: &mut [T],
    slot: usize,
    t: usize,
    later: Option<usize>,
) -> (&mut [T], Later<'_, T>) {
    match later {
        None => (&mut kept[t * slot..][..slot], None),
        Some(l) => {
            let (low, high) = kept[t.min(l) * slot..][..2 * slot].split_at_mut(slot);
            let (now, after) = if t < l { (low, high) } else { (high, low) };
            (now, Some((l, after)))
        }
    }
}

struct Step<'a, T> {
    run: &'a Run<'a, T>,
    t: usize,
    later: Later<'a, T>,
    kept: SharedMut<'a, T>,
    /// The gradients of state and memory, carried from step to step.
    state: &'a SharedMut<'a, T>,
    memory: &'a SharedMut<'a, T>,
    bias: &'a SharedMut<'a, T>,
}

impl<T: GemmElement + Real> Step<'_, T> {
    /// Adds what the later step sends to its state before, through `W_hh`.
    fn carry(&self, units: Range<usize>) {
        let seq = self.run.seq;
        let Some((t, later)) = self.later else { return };
        let rows = seq.rows(t);
        if rows == 0 {
            return;
        }
        let later = &later[seq.cell.state_block() * seq.hidden..];
        let a = Matrix::new(later, seq.kept_row(), 1);
        let panels = &self.run.panels;
        scratch::with(rows * panels.block, |sum: &mut [T]| {
            for (first, n) in panels.blocks(units) {
                panels.carried((first, n), (rows, a), &mut sum[..rows * n]);
                for (row, sum) in sum.chunks_exact(n).take(rows).enumerate() {
                    // SAFETY: these units of this row belong to this task alone.
                    let state = unsafe { self.state.range(row * seq.hidden + first, n) };
                    for (x, sum) in state.iter_mut().zip(sum) {
                        *x = *x + *sum;
                    }
                }
            }
        });
    }

    fn gates<C: Unit>(&self, units: Range<usize>) {
        let (first, n) = (units.start, units.len());
        scratch::with(C::CELL.kept() * n, |sums: &mut [T]| {
            sums.fill(T::ZERO);
            dispatch(Gates::<T, C> { step: self, first, units: n, sums, cell: PhantomData });
            for (g, sums) in sums.chunks_exact(n).enumerate() {
                // SAFETY: these units belong to this task alone.
                let bias = unsafe { self.bias.range(g * self.run.seq.hidden + first, n) };
                for (b, sum) in bias.iter_mut().zip(sums) {
                    *b = *b + *sum;
                }
            }
        });
    }
}

/// The derivatives of the cell for some units.
struct Gates<'a, T, C> {
    step: &'a Step<'a, T>,
    first: usize,
    units: usize,
    sums: &'a mut [T],
    cell: PhantomData<C>,
}

impl<T: GemmElement + Real, C: Unit> Kernel for Gates<'_, T, C> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let seq = self.step.run.seq;
        for row in 0..seq.batch {
            if seq.has(row, self.step.t) {
                self.row::<FMA>(row);
            } else {
                self.keep(row);
            }
        }
    }
}

impl<T: GemmElement + Real, C: Unit> Gates<'_, T, C> {
    #[inline(always)]
    fn row<const FMA: bool>(&mut self, row: usize) {
        let whole = self.units - self.units % LANES;
        for at in (0..whole).step_by(LANES) {
            self.piece::<FMA>(row, at, LANES);
        }
        if whole < self.units {
            self.piece::<FMA>(row, whole, self.units - whole);
        }
    }

    /// `n` units of a row; inlined, `n` is a constant for all but the last.
    #[inline(always)]
    fn piece<const FMA: bool>(&mut self, row: usize, at: usize, n: usize) {
        let (step, kept) = (self.step, C::CELL.kept());
        let h = step.run.seq.hidden;
        let unit = row * h + self.first + at;
        // SAFETY: these units of this row belong to this task alone.
        let d_state = unsafe { step.state.range(unit, n) };
        let mut d_memory: &mut [T] = &mut [];
        if C::CELL.has_memory() {
            // SAFETY: as above.
            d_memory = unsafe { step.memory.range(unit, n) };
        }
        let past = self.past(row, at, n, [d_state, d_memory]);
        let (slopes, to_state, to_memory) = cells::<T, C, FMA>(&past);
        store(&to_state, d_state, 0, n);
        if C::CELL.has_memory() {
            store(&to_memory, d_memory, 0, n);
        }
        for (g, slopes) in slopes.iter().enumerate().take(kept) {
            let place = (row * kept + g) * h + self.first + at;
            // SAFETY: as above.
            store(slopes, unsafe { step.kept.range(place, n) }, 0, n);
            let mut sum = load(self.sums, g * self.units + at, n);
            for (sum, slope) in sum.iter_mut().zip(slopes) {
                *sum = *sum + *slope;
            }
            store(&sum, self.sums, g * self.units + at, n);
        }
    }

    #[inline(always)]
    fn past(&self, row: usize, at: usize, n: usize, carried: [&[T]; 2]) -> Pasts<T> {
        let Step { run, t, .. } = self.step;
        let (seq, tape) = (run.seq, run.tape);
        let (h, kept, zero) = (seq.hidden, C::CELL.kept(), [T::ZERO; LANES]);
        let unit = row * h + self.first + at;
        let (before, after) = seq.slots(*t);
        let slot = |slots, i: usize| load(slots, i * seq.slot() + unit, n);
        let mut pasts = Pasts {
            kept: [zero; 4],
            state: [slot(tape.states, before), slot(tape.states, after)],
            memory: [zero; 2],
            d: [load(carried[0], 0, n), zero],
        };
        if let Some(outputs) = run.outputs {
            let d = load(outputs, t * seq.slot() + unit, n);
            for (x, d) in pasts.d[0].iter_mut().zip(d) {
                *x = *x + d;
            }
        }
        if C::CELL.has_memory() {
            pasts.memory = [slot(tape.memories, before), slot(tape.memories, after)];
            pasts.d[1] = load(carried[1], 0, n);
        }
        if kept > 1 {
            for g in 0..kept {
                let place = ((t * seq.batch + row) * kept + g) * h + self.first + at;
                pasts.kept[g] = load(tape.kept, place, n);
            }
        }
        pasts
    }

    /// A row without this step passes its gradient on.
    #[inline(always)]
    fn keep(&self, row: usize) {
        let (h, kept) = (self.step.run.seq.hidden, C::CELL.kept());
        for g in 0..kept {
            let place = (row * kept + g) * h + self.first;
            // SAFETY: these units of this row belong to this task alone.
            unsafe { self.step.kept.range(place, self.units) }.fill(T::ZERO);
        }
    }
}

/// [`Past`] for all lanes; pairs are before and after the step, or state and memory.
struct Pasts<T> {
    kept: [Lanes<T>; 4],
    state: [Lanes<T>; 2],
    memory: [Lanes<T>; 2],
    d: [Lanes<T>; 2],
}

/// The derivative for each lane.
#[inline(always)]
fn cells<T: Real, C: Unit, const FMA: bool>(
    pasts: &Pasts<T>,
) -> ([Lanes<T>; 4], Lanes<T>, Lanes<T>) {
    let Pasts { kept, state, memory, d } = pasts;
    let mut slopes = [[T::ZERO; LANES]; 4];
    let (mut to_state, mut to_memory) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    for l in 0..LANES {
        let past = Past {
            kept: [kept[0][l], kept[1][l], kept[2][l], kept[3][l]],
            state_before: state[0][l],
            state: state[1][l],
            memory_before: memory[0][l],
            memory: memory[1][l],
            d_state: d[0][l],
            d_memory: d[1][l],
        };
        let made = C::backward::<T, FMA>(past);
        for (slopes, made) in slopes.iter_mut().zip(made.kept) {
            slopes[l] = made;
        }
        to_state[l] = made.state;
        to_memory[l] = made.memory;
    }
    (slopes, to_state, to_memory)
}
