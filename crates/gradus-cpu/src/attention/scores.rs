//! The scores of a tile.

use std::ops::Range;

use super::{Attention, Extents, TILE, Value};
use crate::gemm::{Beta, Dims, Matrix, Operand, gemm_rows};

/// Some queries of a head and the keys of a tile that they may see.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// The query head, counted through the batch.
    pub(super) head: usize,
    /// The queries.
    pub(super) queries: Range<usize>,
    /// The first key of the tile.
    pub(super) key: usize,
    /// How many keys of the tile are looked at; later ones are hidden.
    pub(super) cols: usize,
}

/// Queries of a band where the edge of what is visible crosses a tile: less is computed in vain.
const BAND: usize = 16;

impl<T: Value> Attention<'_, T> {
    /// The keys of the tile that starts at `key`.
    pub(super) fn tile(&self, key: usize) -> Range<usize> {
        key..(key + TILE).min(self.extents.keys)
    }

    /// Cuts queries of a head and a tile into bands.
    pub(super) fn bands(
        &self,
        head: usize,
        queries: Range<usize>,
        tile: &Range<usize>,
    ) -> impl Iterator<Item = Band> {
        let open = queries.is_empty() || self.sight.is_open(tile, &queries);
        let step = if open { queries.len().max(1) } else { BAND };
        let (sight, tile) = (self.sight, tile.clone());
        queries.clone().step_by(step).map(move |first| {
            let queries = first..(first + step).min(queries.end);
            let seen = sight.keys(queries.end - 1).end.min(tile.end);
            Band { head, queries, key: tile.start, cols: seen - tile.start }
        })
    }

    /// Cuts a tile into keys that about the same of these queries see.
    pub(super) fn key_bands(
        &self,
        tile: &Range<usize>,
        queries: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + use<T> {
        let step = if self.sight.is_open(tile, queries) { TILE } else { BAND };
        let end = tile.end;
        tile.clone().step_by(step).map(move |key| key..(key + step).min(end))
    }

    /// q·kᵀ of a band, in rows of [`TILE`]; the columns of `keys` are the tile's keys.
    pub(super) fn products(&self, band: &Band, keys: Matrix<'_, T>, out: &mut [T]) {
        let q = self.q.matrix(band.head, band.queries.start);
        let dims = Dims { m: band.queries.len(), n: band.cols, k: self.extents.width };
        gemm_rows(dims, q, keys, (out, TILE), Beta::Zero);
    }

    /// Makes products into scores: scaled, masked, −∞ where hidden. Gives how many leading elements
    /// may be visible.
    #[inline(always)]
    pub(super) fn score(&self, band: &Band, query: usize, row: &mut [T; TILE]) -> usize {
        let seen = self.sight.keys(query);
        let first = seen.start.saturating_sub(band.key).min(TILE);
        let end = seen.end.saturating_sub(band.key).min(band.cols);
        for x in &mut *row {
            *x = *x * self.scale;
        }
        if self.mask.is_some() {
            self.mask.apply(band.head, query, band.key, &mut row[..end]);
        }
        row[..first.min(end)].fill(-T::INFINITY);
        row[end..].fill(-T::INFINITY);
        end
    }
}

/// The vectors of a tile as columns, copied to `out`: row `d` has element `d` of each, [`TILE`] apart.
pub(super) fn columns<'a, T: Value>(
    rows: &super::Rows<'_, T>,
    head: usize,
    tile: &Range<usize>,
    width: usize,
    out: &'a mut [T],
) -> Matrix<'a, T> {
    if width > 0 {
        rows.matrix(head, tile.start).t().pack(0..width, 0..tile.len(), out, TILE);
    }
    Matrix::new(out, TILE, 1)
}

/// Elements of [`columns`] of a tile.
pub(super) fn columns_len(extents: &Extents) -> usize {
    extents.width * TILE
}
