//! Sums of values by weight.

use std::ops::Range;

use super::scores::Band;
use super::single::Weigh;
use super::{Attention, Rows, TILE, Value};
use crate::gemm::{Beta, Dims, MatmulPrecision, Matrix, float32_matmul_precision, gemm_rows};
use crate::isa::{self, Kernel, Level, dispatch};

/// The values of a tile, for many bands.
pub(super) struct Values<'a, T> {
    data: &'a [T],
    stride: usize,
    width: usize,
    /// Whether zero times a value is zero, or no weight belongs to a hidden key.
    finite: bool,
}

/// Whether a tile has keys that some query does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    None,
    Some,
}

impl<'a, T: Value> Values<'a, T> {
    /// The values where they lie, for queries that see all of them.
    pub(super) fn in_place(
        rows: &Rows<'a, T>,
        head: usize,
        tile: &Range<usize>,
        width: usize,
    ) -> Self {
        let data = &rows.data[rows.starts[head] + tile.start * rows.stride..];
        Self { data, stride: rows.stride, width, finite: true }
    }

    /// The values copied to `buffer`, where neighbours share cache lines.
    pub(super) fn packed(
        rows: &Rows<'_, T>,
        head: usize,
        tile: &Range<usize>,
        (buffer, hidden): (&'a mut [T], Hidden),
    ) -> Self {
        let width = buffer.len() / TILE;
        let used = &mut buffer[..tile.len() * width];
        for (out, i) in used.chunks_exact_mut(width.max(1)).zip(tile.clone()) {
            out.copy_from_slice(rows.row(head, i, width));
        }
        let finite = hidden == Hidden::None || dispatch(AllFinite(used));
        Self { data: buffer, stride: width, width, finite }
    }

    /// Adds the weighted values to `out`: one chain per element over the keys of the band.
    pub(super) fn add(
        &self,
        attention: &Attention<'_, T>,
        band: &Band,
        weights: &[T],
        out: &mut [T],
    ) {
        let exact = float32_matmul_precision() == MatmulPrecision::Highest;
        if self.finite && band.queries.len() == 1 && exact {
            let (weights, values, stride) = (&weights[..band.cols], self.data, self.stride);
            dispatch(Weigh { weights, values, stride, out });
        } else if self.finite {
            let dims = Dims { m: band.queries.len(), n: self.width, k: band.cols };
            let v = Matrix::new(self.data, self.stride, 1);
            gemm_rows(dims, Matrix::new(weights, TILE, 1), v, (out, self.width), Beta::One);
        } else {
            self.add_visible(attention, band, weights, out);
        }
    }

    /// As [`Values::add`], without the values of hidden keys: zero times those may be NaN. The chain
    /// is the same, since adding a product that is zero changes nothing.
    fn add_visible(&self, attention: &Attention<'_, T>, band: &Band, weights: &[T], out: &mut [T]) {
        let fused = isa::level() > Level::Generic;
        let rows = weights.chunks(TILE).zip(out.chunks_exact_mut(self.width));
        for ((weights, out), query) in rows.zip(band.queries.clone()) {
            let sees = |j: &usize| attention.sees(band.head, query, band.key + j);
            let seen: Vec<usize> = (0..band.cols).filter(sees).collect();
            for (e, out) in out.iter_mut().enumerate() {
                let mut sum = T::ZERO;
                for &j in &seen {
                    let (w, v) = (weights[j], self.data[j * self.stride + e]);
                    sum = if fused { w.fused(v, sum) } else { w * v + sum };
                }
                *out = *out + sum;
            }
        }
    }
}

/// Whether there is neither infinity nor NaN.
struct AllFinite<'a, T>(&'a [T]);

impl<T: Value> Kernel for AllFinite<'_, T> {
    type Output = bool;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        // x · 0 is zero for a number and NaN else, and no sum of these loses a NaN.
        let mut lanes = [T::ZERO; 32];
        let (parts, rest) = self.0.as_chunks::<32>();
        for part in parts {
            for (lane, x) in lanes.iter_mut().zip(part) {
                *lane = *lane + *x * T::ZERO;
            }
        }
        lanes.iter().chain(rest).all(|x| *x * T::ZERO == T::ZERO)
    }
}
