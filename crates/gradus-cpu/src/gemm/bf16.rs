//! bf16 operands with f32 sums.

use half::bf16;

use super::{Beta, Dims, Matrix, gemm};

/// C = A·B with products and sums in f32, rounded to bf16 once at the end.
///
/// Operands are widened first (which is exact), so the K order is that of the f32 product.
///
/// # Panics
/// If A or B reaches beyond its slice, or `c` does not have `m * n` elements.
pub fn gemm_bf16(dims: Dims, a: Matrix<'_, bf16>, b: Matrix<'_, bf16>, c: &mut [bf16]) {
    let widen = |m: Matrix<'_, bf16>| m.data.iter().map(|x| x.to_f32()).collect::<Vec<_>>();
    let (wide_a, wide_b) = (widen(a), widen(b));
    let mut wide_c = vec![0.0f32; c.len()];
    let a = Matrix::new(&wide_a, a.row_stride, a.col_stride);
    let b = Matrix::new(&wide_b, b.row_stride, b.col_stride);
    gemm(dims, a, b, &mut wide_c, Beta::Zero);
    for (c, x) in c.iter_mut().zip(wide_c) {
        *c = bf16::from_f32(x);
    }
}
