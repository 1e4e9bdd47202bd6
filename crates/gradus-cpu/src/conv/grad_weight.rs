//! The gradient of the weight.

use super::Conv2d;
use super::columns::unfold;
use super::shape::Extents;
use crate::gemm::{Beta, Dims, GemmElement, Matrix, gemm_rows};
use crate::math::Real;
use crate::pool;
use crate::scratch;

/// Gradient of the weight, given that of the output, summed over the images.
///
/// Images are summed in order inside groups of images, and the groups in order. The groups depend
/// on the shape only, so the bits do not depend on the number of threads.
///
/// # Panics
/// As [`forward`](super::forward).
pub fn grad_weight<T: GemmElement + Real>(
    conv: &Conv2d,
    x: &[T],
    grad_out: &[T],
    grad_weight: &mut [T],
) {
    let e = conv.extents("conv2d gradient", [x.len(), grad_weight.len(), grad_out.len()]);
    if grad_out.is_empty() || grad_weight.is_empty() {
        return grad_weight.fill(T::ZERO);
    }
    let parts = parts(conv, grad_weight.len());
    let per_part = conv.batch.div_ceil(parts);
    let len = grad_weight.len();
    if parts == 1 {
        return sum_images(conv, &e, x, grad_out, 0..conv.batch, grad_weight);
    }
    let mut partial = vec![T::ZERO; conv.batch.div_ceil(per_part) * len];
    pool::for_slices(&mut partial, len, |part, out| {
        let images = part * per_part..((part + 1) * per_part).min(conv.batch);
        sum_images(conv, &e, x, grad_out, images, out);
    });
    grad_weight.copy_from_slice(&partial[..len]);
    for part in partial[len..].chunks_exact(len) {
        for (g, p) in grad_weight.iter_mut().zip(part) {
            *g = *g + *p;
        }
    }
}

/// Into how many groups the images are cut: by shape alone. Large weights would cost too much
/// memory; for them the matrix products are large enough to be split themselves.
fn parts(conv: &Conv2d, weights: usize) -> usize {
    const PARTIAL: usize = 1 << 20;
    conv.batch.min(16).min((PARTIAL / weights).max(1))
}

fn sum_images<T: GemmElement + Real>(
    conv: &Conv2d,
    e: &Extents,
    x: &[T],
    grad_out: &[T],
    images: std::ops::Range<usize>,
    out: &mut [T],
) {
    out.fill(T::ZERO);
    for task in images.start * conv.groups..images.end * conv.groups {
        let group = task % conv.groups;
        let out = &mut out[group * e.c_out * e.taps..][..e.c_out * e.taps];
        let image = &x[task * e.image..][..e.image];
        let grad_out = &grad_out[task * e.c_out * e.plane..][..e.c_out * e.plane];
        let dims = Dims { m: e.c_out, n: e.taps, k: e.plane };
        if conv.is_pointwise() {
            let (a, b) = (Matrix::new(grad_out, e.plane, 1), Matrix::new(image, 1, e.plane));
            gemm_rows(dims, a, b, (out, e.taps), Beta::One);
            continue;
        }
        scratch::with(e.taps * e.rows * e.out[1], |columns: &mut [T]| {
            for first in (0..e.out[0]).step_by(e.rows) {
                let rows = first..(first + e.rows).min(e.out[0]);
                let k = rows.len() * e.out[1];
                let columns = &mut columns[..e.taps * k];
                unfold(conv, e, image, rows, columns);
                let a = Matrix::new(&grad_out[first * e.out[1]..], e.plane, 1);
                let b = Matrix::new(columns, 1, k);
                gemm_rows(Dims { k, ..dims }, a, b, (out, e.taps), Beta::One);
            }
        });
    }
}
