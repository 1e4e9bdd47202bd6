//! The weighted values.

use std::ops::Range;

use super::scores::{Band, columns, columns_len};
use super::softmax::{State, Step};
use super::values::{Hidden, Values};
use super::{Attention, Extents, TILE, Value};
use crate::isa::{Kernel, dispatch};
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Queries of a task. Keys are turned into columns once per task, and the scores stay in L2.
const ROWS: usize = 128;

/// Fewer queries read keys and values where they lie.
const FEW: usize = 8;

/// Weighs the values: `out` is `[batch, queries, heads, value_width]`; `lse`, `[batch, heads,
/// queries]`, gets m + ln Σ e^(s − m), which the gradients need, and −∞ for a query without keys.
///
/// # Panics
/// If a length or a number of heads does not fit the extents, or an operand ends too early.
pub fn forward<T: Value>(attention: &Attention<'_, T>, out: &mut [T], lse: &mut [T]) {
    attention.check();
    let Extents { queries, value_width, .. } = attention.extents;
    let heads = attention.extents.all_heads();
    assert_eq!(out.len(), heads * queries * value_width, "attention: length of out");
    assert_eq!(lse.len(), heads * queries, "attention: length of lse");
    let blocks = queries.div_ceil(ROWS);
    let (out, lse) = (SharedMut::new(out), SharedMut::new(lse));
    each(heads * blocks, attention.cost(), |task| {
        let (head, block) = (task / blocks, task % blocks);
        let queries = block * ROWS..((block + 1) * ROWS).min(queries);
        Block { attention, head, queries }.run(&out, &lse);
    });
}

/// Runs the tasks, on one thread if all together take no longer than to wake another.
pub(super) fn each(tasks: usize, nanoseconds: f64, run: impl Fn(usize) + Sync) {
    if nanoseconds < 20_000.0 {
        (0..tasks).for_each(run);
    } else {
        pool::for_chunks(tasks, run);
    }
}

/// Some queries of a head.
struct Block<'a, 'b, T> {
    attention: &'a Attention<'b, T>,
    head: usize,
    queries: Range<usize>,
}

/// Working memory of a block.
struct Desk<'a, T> {
    /// The keys of a tile as columns.
    kt: &'a mut [T],
    /// The values of a tile.
    values: &'a mut [T],
    /// Scores, then weights, of a tile.
    weights: &'a mut [T],
    /// Weighted values so far.
    sums: &'a mut [T],
    /// Per query, as in [`State`].
    state: [&'a mut [T]; 4],
}

impl<'a, T: Value> Desk<'a, T> {
    fn len(extents: &Extents, rows: usize) -> usize {
        columns_len(extents) + (TILE + rows) * extents.value_width + rows * (TILE + 4)
    }

    fn new(extents: &Extents, rows: usize, buffer: &'a mut [T]) -> Self {
        let mut rest = buffer;
        let mut cut = |len| rest.split_off_mut(..len).expect("the buffer has the sum of these");
        Self {
            kt: cut(columns_len(extents)),
            values: cut(TILE * extents.value_width),
            weights: cut(rows * TILE),
            sums: cut(rows * extents.value_width),
            state: std::array::from_fn(|_| cut(rows)),
        }
    }
}

impl<T: Value> Block<'_, '_, T> {
    fn run(&self, out: &SharedMut<'_, T>, lse: &SharedMut<'_, T>) {
        let extents = &self.attention.extents;
        let rows = self.queries.len();
        scratch::with(Desk::<T>::len(extents, rows), |buffer| {
            let mut desk = Desk::new(extents, rows, buffer);
            desk.sums.fill(T::ZERO);
            desk.state[0].fill(-T::INFINITY);
            desk.state[1].fill(T::ZERO);
            for key in self.attention.sight.tiles(&self.queries) {
                self.visit(&self.attention.tile(key), &mut desk);
            }
            self.finish(&mut desk, out, lse);
        });
    }

    /// Adds what a tile of keys contributes.
    fn visit(&self, tile: &Range<usize>, desk: &mut Desk<'_, T>) {
        let Attention { extents, k, v, sight, mask, .. } = self.attention;
        let head = extents.kv_head(self.head);
        let queries = sight.queries(tile, &self.queries);
        let keys = if queries.len() < FEW {
            k.matrix(head, tile.start).t()
        } else {
            columns(k, head, tile, extents.width, desk.kt)
        };
        let open = !mask.is_some() && sight.is_open(tile, &queries);
        let hidden = if open { Hidden::None } else { Hidden::Some };
        let values = if open && queries.len() < FEW {
            Values::in_place(v, head, tile, extents.value_width)
        } else {
            Values::packed(v, head, tile, (desk.values, hidden))
        };
        for band in self.attention.bands(self.head, queries, tile) {
            let rows = self.within(&band);
            let weights = &mut desk.weights[..rows.len() * TILE];
            self.attention.products(&band, keys, weights);
            let [max, total, decay, sum] =
                desk.state.each_mut().map(|part| &mut part[rows.clone()]);
            let state = State { max, total, decay, sum };
            dispatch(Step { attention: self.attention, band: &band, weights, state });
            if extents.value_width > 0 {
                let all = rows.start * extents.value_width..rows.end * extents.value_width;
                let (decay, sums) = (&desk.state[2][rows], &mut desk.sums[all]);
                dispatch(Decay { decay, sums });
                values.add(self.attention, &band, weights, sums);
            }
        }
    }

    /// The rows of a band in the block.
    fn within(&self, band: &Band) -> Range<usize> {
        band.queries.start - self.queries.start..band.queries.end - self.queries.start
    }

    /// Writes the results.
    fn finish(&self, desk: &mut Desk<'_, T>, out: &SharedMut<'_, T>, lse: &SharedMut<'_, T>) {
        let Extents { heads, queries, value_width, .. } = self.attention.extents;
        let (row, head) = (self.head / heads, self.head % heads);
        let [max, total, ..] = &mut desk.state;
        // SAFETY: the queries of a head belong to one task.
        let lse = unsafe { lse.range(self.head * queries + self.queries.start, max.len()) };
        dispatch(Close { max, total, lse });
        for (r, query) in self.queries.clone().enumerate() {
            let start = ((row * queries + query) * heads + head) * value_width;
            // SAFETY: as above; rows of different heads and queries do not overlap.
            let out = unsafe { out.range(start, value_width) };
            let sums = &desk.sums[r * value_width..][..value_width];
            out.iter_mut().zip(sums).for_each(|(o, x)| *o = *x * total[r]);
        }
    }
}

/// Makes m and l into m + ln l, and l into 1 / l. Without a visible key these are −∞ and 0.
struct Close<'a, T> {
    max: &'a [T],
    total: &'a mut [T],
    lse: &'a mut [T],
}

impl<T: Value> Kernel for Close<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((lse, total), max) in self.lse.iter_mut().zip(self.total).zip(self.max) {
            let seen = *total != T::ZERO;
            *lse = if seen { *max + total.log::<FMA>() } else { -T::INFINITY };
            *total = if seen { T::ONE / *total } else { T::ZERO };
        }
    }
}

/// Multiplies each row of `sums` by its factor.
struct Decay<'a, T> {
    decay: &'a [T],
    sums: &'a mut [T],
}

impl<T: Value> Kernel for Decay<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let width = self.sums.len() / self.decay.len();
        for (row, &factor) in self.sums.chunks_exact_mut(width).zip(self.decay) {
            if factor != T::ONE {
                row.iter_mut().for_each(|x| *x = *x * factor);
            }
        }
    }
}
