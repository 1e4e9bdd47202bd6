//! The pass along time.

use std::marker::PhantomData;

use super::cell::{Given, Unit};
use super::lanes::{LANES, Lanes, load, store};
use super::panels::Panels;
use super::{Cell, Sequence, gru, lstm, products, rnn};
use crate::gemm::{Beta, GemmElement, Matrix};
use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// The weights of a layer; rows are gate by gate in PyTorch's order (i, f, g, o; r, z, n).
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a, T> {
    /// W_ih: `[gates · H, F]`.
    pub ih: &'a [T],
    /// W_hh: `[gates · H, H]`.
    pub hh: &'a [T],
    /// b_ih and b_hh: `[gates · H]` each.
    pub bias: Option<(&'a [T], &'a [T])>,
}

/// What a pass fills.
#[derive(Debug)]
pub struct Forward<'a, T> {
    /// `[T + 1, B, H]`: the state in every slot.
    pub states: &'a mut [T],
    /// `[T + 1, B, H]` for a cell with a memory, else empty.
    pub memories: &'a mut [T],
    /// `[T, B, kept · H]`: what the gradient needs; nothing of use for a plain RNN.
    pub kept: &'a mut [T],
}

/// Runs a sequence from a start of `[B, H]` each; `None` is zero, and spares a product.
///
/// In a step that a row lacks its state stays, so the slot of the end holds the state after each row's
/// last step; the slots of the steps themselves are outputs only where the row has the step.
///
/// # Panics
/// If a length does not fit `seq`.
pub fn forward<T: GemmElement + Real>(
    seq: &Sequence<'_>,
    x: &[T],
    weights: Weights<'_, T>,
    (state, memory): (Option<&[T]>, Option<&[T]>),
    out: Forward<'_, T>,
) {
    seq.check();
    let (h, gates) = (seq.hidden, seq.cell.gates());
    assert_eq!(x.len(), seq.steps * seq.batch * seq.inputs, "recurrent: length of x");
    assert_eq!(weights.ih.len(), gates * h * seq.inputs, "recurrent: length of w_ih");
    assert_eq!(weights.hh.len(), gates * h * h, "recurrent: length of w_hh");
    assert_eq!(out.states.len(), seq.states_len(), "recurrent: length of states");
    assert_eq!(out.memories.len(), seq.memories_len(), "recurrent: length of memories");
    assert_eq!(out.kept.len(), seq.kept_len(), "recurrent: length of kept");
    let start = seq.ends().0 * seq.slot();
    fill(&mut out.states[start..][..seq.slot()], state);
    if seq.cell.has_memory() {
        fill(&mut out.memories[start..][..seq.slot()], memory);
    }
    if out.kept.is_empty() {
        return;
    }
    products::inputs(seq, x, weights.ih, out.kept);
    let bias = summed(seq, weights.bias);
    let share = seq.share();
    scratch::with(weights.hh.len(), |packed: &mut [T]| {
        let panels = Panels::forward(seq, share, weights.hh, packed);
        let run = Run { seq, share, panels, bias: &bias, from_zero: state.is_none() };
        match seq.cell {
            Cell::RnnTanh => run.all::<rnn::Tanh>(out),
            Cell::RnnRelu => run.all::<rnn::Relu>(out),
            Cell::Lstm => run.all::<lstm::Lstm>(out),
            Cell::Gru => run.all::<gru::Gru>(out),
        }
    });
}

fn fill<T: Real>(slot: &mut [T], start: Option<&[T]>) {
    match start {
        Some(start) => slot.copy_from_slice(start),
        None => slot.fill(T::ZERO),
    }
}

/// The biases in kept order; those that are only ever added together are one.
fn summed<T: Real>(seq: &Sequence<'_>, bias: Option<(&[T], &[T])>) -> Vec<T> {
    let h = seq.hidden;
    let mut sum = vec![T::ZERO; seq.kept_row()];
    let Some((ih, hh)) = bias else { return sum };
    assert!(ih.len() == seq.cell.gates() * h && hh.len() == ih.len(), "recurrent: length of bias");
    for &(row, rows, place) in seq.cell.input_blocks() {
        sum[place * h..][..rows * h].copy_from_slice(&ih[row * h..][..rows * h]);
    }
    let place = seq.cell.state_block() * h;
    for (sum, b) in sum[place..].iter_mut().zip(hh) {
        *sum = *sum + *b;
    }
    sum
}

/// What stays the same from step to step.
struct Run<'a, T> {
    seq: &'a Sequence<'a>,
    share: usize,
    panels: Panels<'a, T>,
    bias: &'a [T],
    /// Whether the state before the first step is zero, so that its product is, too.
    from_zero: bool,
}

impl<T: GemmElement + Real> Run<'_, T> {
    fn all<C: Unit>(&self, out: Forward<'_, T>) {
        let seq = self.seq;
        let kept_slot = seq.batch * seq.kept_row();
        for s in 0..seq.steps {
            let t = seq.time(s);
            let (state, next_state) = neighbours(out.states, seq, t);
            let (memory, next_memory) = if seq.cell.has_memory() {
                let (memory, next) = neighbours(out.memories, seq, t);
                (memory, next)
            } else {
                (&[][..], &mut [][..])
            };
            let step = Step {
                run: self,
                t,
                zero: s == 0 && self.from_zero,
                state,
                memory,
                next_state: SharedMut::new(next_state),
                next_memory: SharedMut::new(next_memory),
                kept: SharedMut::new(&mut out.kept[t * kept_slot..][..kept_slot]),
            };
            let shares = seq.hidden.div_ceil(self.share);
            if shares == 1 {
                step.share::<C>(0);
            } else {
                pool::for_chunks(shares, |i| pool::with_threads(1, || step.share::<C>(i)));
            }
        }
    }
}

/// The slots before and after step `t`.
pub(super) fn neighbours<'a, T>(
    slots: &'a mut [T],
    seq: &Sequence<'_>,
    t: usize,
) -> (&'a [T], &'a mut [T]) {
    let len = seq.slot();
    let (low, high) = slots[t * len..][..2 * len].split_at_mut(len);
    if seq.slots(t).0 == t { (low, high) } else { (high, low) }
}

struct Step<'a, T> {
    run: &'a Run<'a, T>,
    t: usize,
    zero: bool,
    state: &'a [T],
    memory: &'a [T],
    next_state: SharedMut<'a, T>,
    next_memory: SharedMut<'a, T>,
    kept: SharedMut<'a, T>,
}

impl<T: GemmElement + Real> Step<'_, T> {
    /// The units of one share, for all rows.
    fn share<C: Unit>(&self, share: usize) {
        let Run { seq, panels, .. } = self.run;
        let first = share * self.run.share;
        let units = self.run.share.min(seq.hidden - first);
        let columns = units * seq.cell.gates();
        let rows = seq.rows(self.t);
        scratch::with(rows * columns, |product: &mut [T]| {
            if self.zero {
                product.fill(T::ZERO);
            } else if rows > 0 {
                let state = Matrix::new(self.state, seq.hidden, 1);
                panels.multiply(share, (rows, state), (product, columns), Beta::Zero);
            }
            dispatch(Gates::<T, C> { step: self, first, units, product, cell: PhantomData });
        });
    }
}

/// The cell's formulas for the units of a share.
struct Gates<'a, T, C> {
    step: &'a Step<'a, T>,
    first: usize,
    units: usize,
    product: &'a [T],
    cell: PhantomData<C>,
}

impl<T: GemmElement + Real, C: Unit> Kernel for Gates<'_, T, C> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
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
    fn row<const FMA: bool>(&self, row: usize) {
        let (gates, kept) = (C::CELL.gates(), C::CELL.kept());
        let (first, units, step) = (self.first, self.units, self.step);
        let h = step.run.seq.hidden;
        let product = &self.product[row * gates * units..][..gates * units];
        for at in (0..units).step_by(LANES) {
            let n = LANES.min(units - at);
            let mut lanes = [[[T::ZERO; LANES]; 4]; 3];
            for g in 0..kept {
                let place = (row * kept + g) * h + first + at;
                // SAFETY: these units of this row belong to this share alone.
                lanes[0][g] = load(unsafe { step.kept.range(place, n) }, 0, n);
                lanes[2][g] = load(step.run.bias, g * h + first + at, n);
            }
            for g in 0..gates {
                lanes[1][g] = load(product, g * units + at, n);
            }
            let place = row * h + first + at;
            let state = load(step.state, place, n);
            let mut memory = [T::ZERO; LANES];
            if C::CELL.has_memory() {
                memory = load(step.memory, place, n);
            }
            let (made, state, memory) = cells::<T, C, FMA>(&lanes, &state, &memory);
            // SAFETY: as above.
            store(&state, unsafe { step.next_state.range(place, n) }, 0, n);
            if C::CELL.has_memory() {
                // SAFETY: as above.
                store(&memory, unsafe { step.next_memory.range(place, n) }, 0, n);
            }
            if kept > 1 {
                for (g, made) in made.iter().enumerate().take(kept) {
                    let place = (row * kept + g) * h + first + at;
                    // SAFETY: as above.
                    store(made, unsafe { step.kept.range(place, n) }, 0, n);
                }
            }
        }
    }

    /// A row without this step stays as it is.
    #[inline(always)]
    fn keep(&self, row: usize) {
        let step = self.step;
        let (place, n) = (row * step.run.seq.hidden + self.first, self.units);
        // SAFETY: these units of this row belong to this share alone.
        unsafe { step.next_state.range(place, n) }.copy_from_slice(&step.state[place..][..n]);
        if C::CELL.has_memory() {
            // SAFETY: as above.
            let next = unsafe { step.next_memory.range(place, n) };
            next.copy_from_slice(&step.memory[place..][..n]);
        }
    }
}

/// The formula for each lane.
#[inline(always)]
fn cells<T: Real, C: Unit, const FMA: bool>(
    [input, product, bias]: &[[Lanes<T>; 4]; 3],
    state: &Lanes<T>,
    memory: &Lanes<T>,
) -> ([Lanes<T>; 4], Lanes<T>, Lanes<T>) {
    let mut kept = [[T::ZERO; LANES]; 4];
    let (mut next_state, mut next_memory) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    for l in 0..LANES {
        let at = |lanes: &[Lanes<T>; 4]| [lanes[0][l], lanes[1][l], lanes[2][l], lanes[3][l]];
        let (input, product, bias) = (at(input), at(product), at(bias));
        let given = Given { input, product, bias, state: state[l], memory: memory[l] };
        let made = C::forward::<T, FMA>(given);
        for g in 0..4 {
            kept[g][l] = made.kept[g];
        }
        next_state[l] = made.state;
        next_memory[l] = made.memory;
    }
    (kept, next_state, next_memory)
}
