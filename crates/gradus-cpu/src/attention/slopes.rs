//! The gradients of the scores of a band.

use super::scores::Band;
use super::softmax::exponentials;
use super::{Attention, TILE, Value};
use crate::isa::Kernel;

/// From the products of a band and dW = dy·vᵀ: the weights p = e^(s − lse), and the gradients of the
/// products, p (dW − Σ dy·y) · scale, both with what dropout does to them.
pub(super) struct Slopes<'a, 'b, T> {
    pub(super) attention: &'a Attention<'b, T>,
    pub(super) band: &'a Band,
    /// Products, then weights.
    pub(super) weights: &'a mut [T],
    /// dW, then the gradients of the products.
    pub(super) slopes: &'a mut [T],
    /// Per query of the band.
    pub(super) lse: &'a [T],
    /// Σ dy·y, per query of the band.
    pub(super) delta: &'a [T],
}

impl<T: Value> Kernel for Slopes<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { attention, band, weights, slopes, lse, delta } = self;
        let weights = weights.as_chunks_mut::<TILE>().0.iter_mut();
        let slopes = slopes.as_chunks_mut::<TILE>().0;
        for (r, (row, slopes)) in weights.zip(slopes).enumerate() {
            let query = band.queries.start + r;
            let end = attention.score(band, query, row);
            // A query without a visible key has no weights.
            let base = if lse[r] == -T::INFINITY { T::INFINITY } else { lse[r] };
            exponentials::<T, FMA>(row, base, end);
            if let Some(dropout) = attention.dropout {
                let place = attention.sight.place(query);
                let factors = dropout.factors::<T>(band.head, place, band.key);
                for ((w, d), f) in row.iter_mut().zip(&mut *slopes).zip(factors) {
                    *d = slope(*w, *d * f, delta[r], attention.scale);
                    *w = *w * f;
                }
            } else {
                for (w, d) in row.iter().zip(&mut *slopes) {
                    *d = slope(*w, *d, delta[r], attention.scale);
                }
            }
        }
    }
}

/// p (dW − δ) · scale, and 0 for a weight of 0 whatever dW is: it may be that of a hidden key.
#[inline(always)]
fn slope<T: Value>(weight: T, d: T, delta: T, scale: T) -> T {
    let slope = weight * (d - delta) * scale;
    if weight == T::ZERO { T::ZERO } else { slope }
}
