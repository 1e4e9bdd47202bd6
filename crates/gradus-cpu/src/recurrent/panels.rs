//! `W_hh` in the order in which the steps read it.

use std::ops::Range;

use super::Sequence;
use crate::gemm::{
    Beta, Dims, GemmElement, Matrix, Operand, Output, PackedB, gemm_rows, gemm_with,
};

/// `W_hh` cut into blocks of units, so that any share of the blocks is a product of its own.
///
/// It is packed once for all steps; a single product reads the weight where it is.
pub(super) struct Panels<'a, T> {
    w: &'a [T],
    hidden: usize,
    gates: usize,
    /// Units of a block; the last may have fewer.
    pub(super) block: usize,
    packed: Vec<PackedB<T>>,
}

impl<'a, T: GemmElement> Panels<'a, T> {
    /// `W_hhᵀ` for the forward pass: `[H, gates · units]` per block, gate by gate.
    pub(super) fn forward(seq: &Sequence<'_>, share: usize, w: &'a [T], products: usize) -> Self {
        // A block of an LSTM of 256 units is a quarter of a megabyte: it stays in L2.
        Self::new(seq, w, divisor(share, &[64, 32]), products, |first, units| {
            let columns = Gates { w, hidden: seq.hidden, first, units };
            PackedB::new(&columns, seq.hidden, seq.cell.gates() * units)
        })
    }

    /// `W_hh` for the gradient: `[gates · H, units]` per block.
    pub(super) fn backward(seq: &Sequence<'_>, share: usize, w: &'a [T], products: usize) -> Self {
        let (hidden, k) = (seq.hidden, seq.cell.gates() * seq.hidden);
        Self::new(seq, w, divisor(share, &[256, 128, 64, 32]), products, |first, units| {
            PackedB::new(&Matrix::new(&w[first..], hidden, 1), k, units)
        })
    }

    fn new(
        seq: &Sequence<'_>,
        w: &'a [T],
        block: usize,
        products: usize,
        pack: impl Fn(usize, usize) -> PackedB<T>,
    ) -> Self {
        let (hidden, gates) = (seq.hidden, seq.cell.gates());
        let blocks = blocks(block, 0..if products > 1 { hidden } else { 0 });
        let packed = blocks.map(|(first, units)| pack(first, units)).collect();
        Self { w, hidden, gates, block, packed }
    }

    /// The blocks of a share.
    pub(super) fn blocks(&self, units: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        blocks(self.block, units)
    }

    /// `c = a · block` for `m` rows, of a block of the forward pass.
    pub(super) fn sums(
        &self,
        (first, units): (usize, usize),
        (m, a): (usize, Matrix<'_, T>),
        (c, stride): (&mut [T], usize),
    ) {
        let (h, dims) = (self.hidden, Dims { m, n: self.gates * units, k: self.hidden });
        if let Some(packed) = self.packed.get(first / self.block) {
            return gemm_with(dims, &a.t(), packed, Output::new(c, stride), Beta::Zero, &());
        }
        for gate in 0..self.gates {
            let b = Matrix::new(&self.w[(gate * h + first) * h..], 1, h);
            let c = (&mut c[gate * units..], stride);
            gemm_rows(Dims { n: units, ..dims }, a, b, c, Beta::Zero);
        }
    }

    /// `c = a · block` for `m` rows, of a block of the gradient.
    pub(super) fn carried(
        &self,
        (first, units): (usize, usize),
        (m, a): (usize, Matrix<'_, T>),
        c: &mut [T],
    ) {
        let dims = Dims { m, n: units, k: self.gates * self.hidden };
        let out = Output::new(c, units);
        match self.packed.get(first / self.block) {
            Some(packed) => gemm_with(dims, &a.t(), packed, out, Beta::Zero, &()),
            None => {
                let b = Matrix::new(&self.w[first..], self.hidden, 1);
                gemm_with(dims, &a.t(), &b, out, Beta::Zero, &());
            }
        }
    }
}

/// First unit and count of each block, from a unit that starts one on.
fn blocks(block: usize, units: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let end = units.end;
    units.step_by(block).map(move |first| (first, block.min(end - first)))
}

/// The first candidate that divides a share, else the last.
fn divisor(share: usize, candidates: &[usize]) -> usize {
    let fits = |block: &&usize| share.is_multiple_of(**block);
    let last = candidates[candidates.len() - 1];
    candidates.iter().find(fits).copied().unwrap_or(last)
}

/// Rows of `W_hh` as columns: all gates of some units, gate by gate.
struct Gates<'a, T> {
    w: &'a [T],
    hidden: usize,
    first: usize,
    units: usize,
}

impl<T: GemmElement> Operand<T> for Gates<'_, T> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize) {
        let Self { w, hidden, first, units } = *self;
        let row = |x: usize| x / units * hidden + first + x % units;
        if x.end - x.start <= units - x.start % units {
            let rows = Matrix::new(&w[row(x.start) * hidden..], 1, hidden);
            return rows.pack(k, 0..x.len(), out, width);
        }
        // A panel that holds the end of a gate and the start of the next.
        for (k, out) in k.zip(out.chunks_mut(width)) {
            for (x, out) in x.clone().zip(out) {
                *out = w[row(x) * hidden + k];
            }
        }
    }
}
