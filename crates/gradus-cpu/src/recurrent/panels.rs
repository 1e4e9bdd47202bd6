//! W_hh in the order in which the steps read it.

use bytemuck::Pod;

use super::Sequence;
use crate::gemm::{Beta, Dims, GemmElement, Matrix, gemm_rows};

/// Columns of a panel: whole registers at every level, and few enough to stay in cache.
const WIDTH: usize = 64;

/// A matrix of `k` rows, whose columns are cut into shares and those into panels. A panel is `k` rows of
/// at most [`WIDTH`] neighbours.
pub(super) struct Panels<'a, T> {
    data: &'a [T],
    k: usize,
    /// Columns of a share; the last may have fewer.
    share: usize,
    columns: usize,
}

impl<'a, T: GemmElement> Panels<'a, T> {
    /// W_hhᵀ for the forward pass: `[H, gates · units]` per share, gate by gate.
    pub(super) fn forward(seq: &Sequence<'_>, share: usize, w: &[T], out: &'a mut [T]) -> Self {
        let (hidden, gates) = (seq.hidden, seq.cell.gates());
        let columns = (0..hidden).step_by(share).flat_map(|first| {
            let units = share.min(hidden - first);
            (0..gates).flat_map(move |gate| (first..first + units).map(move |u| gate * hidden + u))
        });
        let rows: Vec<usize> = columns.collect();
        let mut rest = &mut *out;
        for rows in rows.chunks(share * gates).flat_map(|rows| rows.chunks(WIDTH)) {
            let (panel, tail) = rest.split_at_mut(hidden * rows.len());
            turn(w, hidden, rows, panel);
            rest = tail;
        }
        Self { data: out, k: hidden, share: share * gates, columns: gates * hidden }
    }

    /// W_hh for the gradient: `[gates · H, units]` per share.
    pub(super) fn backward(seq: &Sequence<'_>, share: usize, w: &[T], out: &'a mut [T]) -> Self {
        let (hidden, k) = (seq.hidden, seq.cell.gates() * seq.hidden);
        let mut rest = &mut *out;
        for first in (0..hidden).step_by(share) {
            let units = share.min(hidden - first);
            for column in (first..first + units).step_by(WIDTH) {
                let width = WIDTH.min(first + units - column);
                let (panel, tail) = rest.split_at_mut(k * width);
                for (row, panel) in panel.chunks_exact_mut(width).enumerate() {
                    panel.copy_from_slice(&w[row * hidden + column..][..width]);
                }
                rest = tail;
            }
        }
        Self { data: out, k, share, columns: hidden }
    }

    /// `c = a · share` or `c += a · share`, with `c` of `stride` per row.
    pub(super) fn multiply(
        &self,
        share: usize,
        (m, a): (usize, Matrix<'_, T>),
        (c, stride): (&mut [T], usize),
        beta: Beta,
    ) {
        let first = share * self.share;
        let columns = self.share.min(self.columns - first);
        for column in (0..columns).step_by(WIDTH) {
            let n = WIDTH.min(columns - column);
            let panel = Matrix::new(&self.data[(first + column) * self.k..], n, 1);
            gemm_rows(Dims { m, n, k: self.k }, a, panel, (&mut c[column..], stride), beta);
        }
    }
}

/// `out[k][j] = w[rows[j]][k]`.
fn turn<T: Pod>(w: &[T], k: usize, rows: &[usize], out: &mut [T]) {
    /// Neighbours that are read together, so that a line of the weight is used before it is gone.
    const BLOCK: usize = 16;
    for first in (0..k).step_by(BLOCK) {
        for (j, row) in rows.iter().enumerate() {
            let line = &w[row * k + first..][..BLOCK.min(k - first)];
            for (i, x) in line.iter().enumerate() {
                out[(first + i) * rows.len() + j] = *x;
            }
        }
    }
}
