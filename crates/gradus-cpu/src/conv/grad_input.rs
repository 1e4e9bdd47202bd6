//! The gradient of the input, which is also the forward pass of a transposed convolution.

use super::Conv2d;
use super::columns::fold;
use crate::gemm::{Beta, Dims, GemmElement, Matrix, gemm_rows};
use crate::math::Real;
use crate::pool;
use crate::scratch;

/// Gradient of the input, given that of the output.
///
/// # Panics
/// As [`forward`](super::forward).
pub fn grad_input<T: GemmElement + Real>(
    conv: &Conv2d,
    grad_out: &[T],
    weight: &[T],
    grad_x: &mut [T],
) {
    let e = conv.extents("conv2d gradient", [grad_x.len(), weight.len(), grad_out.len()]);
    grad_x.fill(T::ZERO);
    if grad_out.is_empty() || e.taps == 0 || e.image == 0 {
        return;
    }
    let tasks = pool::grain(e.tasks, (e.c_out * e.plane * e.taps) as f64 / 30.0);
    pool::for_slices(grad_x, tasks * e.image, |chunk, grad_x| {
        for (t, grad_x) in grad_x.chunks_exact_mut(e.image).enumerate() {
            let task = chunk * tasks + t;
            let grad_out = &grad_out[task * e.c_out * e.plane..][..e.c_out * e.plane];
            let weight = &weight[task % conv.groups * e.c_out * e.taps..][..e.c_out * e.taps];
            let weight = Matrix::new(weight, 1, e.taps);
            let dims = Dims { m: e.taps, n: e.plane, k: e.c_out };
            if conv.is_pointwise() {
                let grad_out = Matrix::new(grad_out, e.plane, 1);
                gemm_rows(dims, weight, grad_out, (grad_x, e.plane), Beta::Zero);
                continue;
            }
            scratch::with(e.taps * e.rows * e.out[1], |columns: &mut [T]| {
                for first in (0..e.out[0]).step_by(e.rows) {
                    let rows = first..(first + e.rows).min(e.out[0]);
                    let n = rows.len() * e.out[1];
                    let columns = &mut columns[..e.taps * n];
                    let grad_out = Matrix::new(&grad_out[first * e.out[1]..], e.plane, 1);
                    gemm_rows(Dims { n, ..dims }, weight, grad_out, (columns, n), Beta::Zero);
                    fold(conv, &e, columns, rows, grad_x);
                }
            });
        }
    });
}
