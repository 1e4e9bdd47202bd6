//! The pass along time.

use std::marker::PhantomData;
use std::ops::Range;

use super::cell::{Given, Unit};
use super::lanes::{LANES, Lanes, load, store};
use super::panels::Panels;
use super::{Cell, Sequence, gru, lstm, products, rnn};
use crate::gemm::{GemmElement, Matrix};
use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool::SharedMut;
use crate::scratch;

/// The weights of a layer; rows are gate by gate in PyTorch's order (i, f, g, o; r, z, n).
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a, T> {
    /// `W_ih`: `[gates · H, F]`.
    pub ih: &'a [T],
    /// `W_hh`: `[gates · H, H]`.
    pub hh: &'a [T],
    /// `b_ih` and `b_hh`: `[gates · H]` each.
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
    let products = seq.steps - usize::from(state.is_none());
    let panels = Panels::forward(seq, share, weights.hh, products);
    let run = Run { seq, share, panels, bias: &bias, from_zero: state.is_none() };
    match seq.cell {
        Cell::RnnTanh => run.all::<rnn::Tanh>(out),
        Cell::RnnRelu => run.all::<rnn::Relu>(out),
        Cell::Lstm => run.all::<lstm::Lstm>(out),
        Cell::Gru => run.all::<gru::Gru>(out),
    }
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
            seq.each_share(self.share, |units| step.units::<C>(units));
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
    /// Some units, for all rows: first their products, then their cells row by row, which reads what
    /// is kept in long pieces.
    fn units<C: Unit>(&self, units: Range<usize>) {
        let Run { seq, panels, .. } = self.run;
        let (rows, gates) = (seq.rows(self.t), seq.cell.gates());
        // Not a power of two, whose rows would share cache sets.
        let stride = gates * units.len() + LANES;
        scratch::with(rows * stride, |product: &mut [T]| {
            if self.zero {
                product.fill(T::ZERO);
            } else if rows > 0 {
                let state = Matrix::new(self.state, seq.hidden, 1);
                for (first, n) in panels.blocks(units.clone()) {
                    let place = (first - units.start) * gates;
                    panels.sums((first, n), (rows, state), (&mut product[place..], stride));
                }
            }
            let product = (&*product, stride);
            dispatch(Gates::<T, C> { step: self, units, product, cell: PhantomData });
        });
    }
}

/// The cell's formulas for some units.
struct Gates<'a, T, C> {
    step: &'a Step<'a, T>,
    units: Range<usize>,
    /// Rows of a stride; in a row block after block, in a block gate after gate.
    product: (&'a [T], usize),
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
        let units = self.units.len();
        let whole = units - units % LANES;
        for at in (0..whole).step_by(LANES) {
            self.piece::<FMA>(row, at, LANES);
        }
        if whole < units {
            self.piece::<FMA>(row, whole, units - whole);
        }
    }

    /// `n` units of a row; inlined, `n` is a constant for all but the last.
    #[inline(always)]
    fn piece<const FMA: bool>(&self, row: usize, at: usize, n: usize) {
        let (gates, kept, step) = (C::CELL.gates(), C::CELL.kept(), self.step);
        let (h, block) = (step.run.seq.hidden, step.run.panels.block);
        let unit = self.units.start + at;
        let place = |g: usize| (row * kept + g) * h + unit;
        // The block of these units, and how many it has.
        let first = at - at % block;
        let in_block = block.min(self.units.len() - first);
        let (product, stride) = self.product;
        let product = &product[row * stride + first * gates + at % block..];
        let zero = [T::ZERO; LANES];
        // Plain loops: a closure inside `from_fn` would keep the baseline instructions.
        let (mut input, mut bias, mut sums) = ([zero; 4], [zero; 4], [zero; 4]);
        for g in 0..kept {
            // SAFETY: these units of this row belong to this task alone.
            input[g] = load(unsafe { step.kept.range(place(g), n) }, 0, n);
            bias[g] = load(step.run.bias, g * h + unit, n);
        }
        for (g, sum) in sums.iter_mut().enumerate().take(gates) {
            *sum = load(product, g * in_block, n);
        }
        let unit = row * h + unit;
        let state = load(step.state, unit, n);
        let memory = if C::CELL.has_memory() { load(step.memory, unit, n) } else { zero };
        let (made, state, memory) = cells::<T, C, FMA>(&[input, sums, bias], &state, &memory);
        // SAFETY: as above.
        store(&state, unsafe { step.next_state.range(unit, n) }, 0, n);
        if C::CELL.has_memory() {
            // SAFETY: as above.
            store(&memory, unsafe { step.next_memory.range(unit, n) }, 0, n);
        }
        if kept > 1 {
            for (g, made) in made.iter().enumerate() {
                // SAFETY: as above.
                store(made, unsafe { step.kept.range(place(g), n) }, 0, n);
            }
        }
    }

    /// A row without this step stays as it is.
    #[inline(always)]
    fn keep(&self, row: usize) {
        let step = self.step;
        let (place, n) = (row * step.run.seq.hidden + self.units.start, self.units.len());
        // SAFETY: these units of this row belong to this task alone.
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
        let given = Given {
            input: [input[0][l], input[1][l], input[2][l], input[3][l]],
            product: [product[0][l], product[1][l], product[2][l], product[3][l]],
            bias: [bias[0][l], bias[1][l], bias[2][l], bias[3][l]],
            state: state[l],
            memory: memory[l],
        };
        let made = C::forward::<T, FMA>(given);
        for (kept, made) in kept.iter_mut().zip(made.kept) {
            kept[l] = made;
        }
        next_state[l] = made.state;
        next_memory[l] = made.memory;
    }
    (kept, next_state, next_memory)
}
