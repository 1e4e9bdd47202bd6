//! One step of the online softmax.

use super::lanes::{largest, total};
use super::scores::Band;
use super::{Attention, TILE, Value};
use crate::isa::Kernel;

/// What is known of the queries of a band after the tiles so far.
pub(super) struct State<'a, T> {
    /// Largest score m.
    pub(super) max: &'a mut [T],
    /// l = Σ e^(s − m).
    pub(super) total: &'a mut [T],
    /// What earlier sums of weighted values are to be multiplied by after this tile.
    pub(super) decay: &'a mut [T],
    /// The sum of this tile.
    pub(super) sum: &'a mut [T],
}

/// Turns the products of a band into weights e^(s − m), some of them dropped.
pub(super) struct Step<'a, 'b, T> {
    pub(super) attention: &'a Attention<'b, T>,
    pub(super) band: &'a Band,
    /// Products, then weights: a row of [`TILE`] per query.
    pub(super) weights: &'a mut [T],
    pub(super) state: State<'a, T>,
}

impl<T: Value> Kernel for Step<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { attention, band, weights, state } = self;
        let State { max, total: totals, decay, sum } = state;
        for (r, row) in weights.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let query = band.queries.start + r;
            let end = attention.score(band, query, row);
            let (old, here) = (max[r], largest(row));
            max[r] = if here > old { here } else { old };
            // While no key was visible, any finite number serves.
            let base = if max[r] == -T::INFINITY { T::ZERO } else { max[r] };
            exponentials::<T, FMA>(row, base, end);
            sum[r] = total(row);
            decay[r] = old - base;
            if let Some(dropout) = attention.dropout {
                let place = attention.sight.place(query);
                let factors = dropout.factors::<T>(band.head, place, band.key);
                row.iter_mut().zip(factors).for_each(|(w, f)| *w = *w * f);
            }
        }
        for ((decay, total), sum) in decay.iter_mut().zip(totals).zip(sum) {
            *decay = decay.exp::<FMA>();
            *total = *total * *decay + *sum;
        }
    }
}

/// e^(x − base); elements from `end` on are hidden, and whole vectors of them are not worked out.
#[inline(always)]
pub(super) fn exponentials<T: Value, const FMA: bool>(row: &mut [T; TILE], base: T, end: usize) {
    let (parts, _) = row.as_chunks_mut::<16>();
    let (seen, hidden) = parts.split_at_mut(end.div_ceil(16));
    for part in seen {
        for x in part {
            *x = (*x - base).exp::<FMA>();
        }
    }
    hidden.as_flattened_mut().fill(T::ZERO);
}
