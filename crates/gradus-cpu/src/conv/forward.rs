//! The forward pass.

use super::Conv2d;
use super::columns::unfold;
use crate::gemm::{Beta, Dims, GemmElement, Matrix, gemm_rows};
use crate::math::Real;
use crate::pool;
use crate::scratch;

/// Convolution of `x` with `weight`; see [`Conv2d`] for the shapes.
///
/// # Panics
/// If a length does not fit, channels are no multiple of `groups`, or no window fits the plane.
pub fn forward<T: GemmElement + Real>(conv: &Conv2d, x: &[T], weight: &[T], out: &mut [T]) {
    let e = conv.extents("conv2d", [x.len(), weight.len(), out.len()]);
    if out.is_empty() {
        return;
    }
    if e.taps == 0 {
        return out.fill(T::ZERO);
    }
    let per_task = e.c_out * e.plane;
    let tasks = pool::grain(e.tasks, (e.c_out * e.plane * e.taps) as f64 / 30.0);
    pool::for_slices(out, tasks * per_task, |chunk, out| {
        for (t, out) in out.chunks_exact_mut(per_task).enumerate() {
            let task = chunk * tasks + t;
            let image = &x[task * e.image..][..e.image];
            let weight = &weight[task % conv.groups * e.c_out * e.taps..][..e.c_out * e.taps];
            let weight = Matrix::new(weight, e.taps, 1);
            let dims = Dims { m: e.c_out, n: e.plane, k: e.taps };
            if conv.is_pointwise() {
                let image = Matrix::new(image, e.plane, 1);
                gemm_rows(dims, weight, image, (out, e.plane), Beta::Zero);
                continue;
            }
            scratch::with(e.taps * e.rows * e.out[1], |columns: &mut [T]| {
                for first in (0..e.out[0]).step_by(e.rows) {
                    let rows = first..(first + e.rows).min(e.out[0]);
                    let n = rows.len() * e.out[1];
                    let columns = &mut columns[..e.taps * n];
                    unfold(conv, &e, image, rows, columns);
                    let columns = Matrix::new(columns, n, 1);
                    let out = (&mut out[first * e.out[1]..], e.plane);
                    gemm_rows(Dims { n, ..dims }, weight, columns, out, Beta::Zero);
                }
            });
        }
    });
}
