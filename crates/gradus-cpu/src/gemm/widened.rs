//! A bf16 operand of an f32 product.

use std::ops::Range;

use half::bf16;

use super::element::Table;
use super::view::View;
use super::{Matrix, Operand};

/// A bf16 matrix as an operand of an f32 product.
///
/// Widening is exact, so the result has the bits of the product with the widened matrix. Nothing is
/// kept: elements are widened while they are packed, or on the way to the registers when there are
/// few rows, which then costs half the memory traffic of an f32 matrix.
#[derive(Debug, Clone, Copy)]
pub struct Widened<'a>(pub Matrix<'a, bf16>);

impl Operand<f32> for Widened<'_> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [f32], width: usize) {
        let Matrix { data, row_stride, col_stride } = self.0;
        let widen = |x: &bf16| f32::from_bits(u32::from(x.to_bits()) << 16);
        let turn = f32::kernels().pack_columns_bf16;
        if let Some(turn) = turn.filter(|_| row_stride == 1 && col_stride != 1) {
            assert!(x.len() <= width && out.len() >= k.len() * width, "pack: panel too small");
            let view = View::of(&self.0, "operand", k.end, x.end).from(k.start, x.start);
            let out = &mut out[..k.len() * width];
            // SAFETY: the view was checked up to the ends of both ranges and `out` just now; the
            // kernels are those of this machine's level.
            return unsafe { turn(view, (k.len(), x.len()), width, out) };
        }
        for (k, out) in k.zip(out.chunks_mut(width)) {
            if col_stride == 1 {
                let row = &data[k * row_stride..][x.clone()];
                out.iter_mut().zip(row).for_each(|(out, x)| *out = widen(x));
            } else {
                for (x, out) in x.clone().zip(out) {
                    *out = widen(&data[k * row_stride + x * col_stride]);
                }
            }
        }
    }

    fn bf16(&self) -> Option<Matrix<'_, bf16>> {
        Some(self.0)
    }
}
