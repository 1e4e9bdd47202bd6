//! `W_hh` in the order in which the steps read it.

use super::Sequence;
use super::sequence::BLOCK;
use crate::gemm::{Beta, Dims, GemmElement, KC, Matrix, Operand, gemm_rows};
use crate::scratch;

/// Blocks of units, each a matrix of `k` rows whose columns belong to the block's units alone, so that
/// any share of the blocks is a product of its own.
pub(super) struct Panels<'a, T> {
    data: &'a [T],
    k: usize,
    /// Columns per unit.
    columns: usize,
}

impl<T: GemmElement> Panels<'_, T> {
    /// Packs `W_hhᵀ` for the forward pass: `[H, gates · units]` per block, gate by gate.
    pub(super) fn forward<R>(
        seq: &Sequence<'_>,
        w: &[T],
        f: impl FnOnce(&Panels<'_, T>) -> R,
    ) -> R {
        let (hidden, gates) = (seq.hidden, seq.cell.gates());
        let block = seq.forward_block();
        // What is packed last may touch nothing beyond the end, but its slice does.
        let slack = gates * block;
        scratch::with(w.len() + slack, |data: &mut [T]| {
            for (first, units) in Sequence::blocks(block, 0..hidden) {
                let panel = &mut data[first * gates * hidden..];
                for gate in 0..gates {
                    let rows = Matrix::new(&w[(gate * hidden + first) * hidden..], 1, hidden);
                    pack(rows, (hidden, units), &mut panel[gate * units..], gates * units);
                }
            }
            f(&Panels { data, k: hidden, columns: gates })
        })
    }

    /// Packs `W_hh` for the gradient: `[gates · H, units]` per block.
    pub(super) fn backward<R>(
        seq: &Sequence<'_>,
        w: &[T],
        f: impl FnOnce(&Panels<'_, T>) -> R,
    ) -> R {
        let (hidden, k) = (seq.hidden, seq.cell.gates() * seq.hidden);
        scratch::with(w.len(), |data: &mut [T]| {
            for (first, units) in Sequence::blocks(BLOCK, 0..hidden) {
                let columns = Matrix::new(&w[first..], hidden, 1);
                pack(columns, (k, units), &mut data[first * k..], units);
            }
            f(&Panels { data, k, columns: 1 })
        })
    }

    /// `c = a · block` for `m` rows, with rows of `c` `stride` apart.
    pub(super) fn multiply(
        &self,
        (first, units): (usize, usize),
        (m, a): (usize, Matrix<'_, T>),
        (c, stride): (&mut [T], usize),
    ) {
        let n = units * self.columns;
        let panel = Matrix::new(&self.data[first * self.columns * self.k..], n, 1);
        gemm_rows(Dims { m, n, k: self.k }, a, panel, (c, stride), Beta::Zero);
    }
}

fn pack<T: GemmElement>(b: Matrix<'_, T>, (k, n): (usize, usize), out: &mut [T], width: usize) {
    for k0 in (0..k).step_by(KC) {
        let end = k.min(k0 + KC);
        b.pack(k0..end, 0..n, &mut out[k0 * width..], width);
    }
}
