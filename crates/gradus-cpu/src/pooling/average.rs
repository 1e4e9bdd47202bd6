//! The mean of each window.

use super::Pool2d;
use crate::math::{Float, Real};
use crate::pool;

/// What the sum of a window is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divisor {
    /// All taps: padding counts as zeros (PyTorch's `count_include_pad=True`, its default).
    Taps,
    /// The taps inside the plane.
    Inside,
}

impl Divisor {
    fn of<R: Real>(self, dims: &Pool2d, inside: usize) -> R {
        R::from_f64(match self {
            Self::Taps => dims.taps(),
            Self::Inside => inside,
        } as f64)
    }
}

/// The mean of each window, summed in row-major order in [`Float::Wide`].
///
/// # Panics
/// If a length does not fit or no window fits the plane.
pub fn avg_pool2d<T: Float>(dims: &Pool2d, divisor: Divisor, x: &[T], out: &mut [T]) {
    let (input, output, [_, width]) = dims.extents("avg_pool2d", x.len(), out.len());
    if out.is_empty() {
        return;
    }
    let planes = pool::grain(dims.planes, 2.0 * (output * dims.taps()) as f64);
    pool::for_slices(out, planes * output, |c, out| {
        for (i, o) in out.iter_mut().enumerate() {
            let x = &x[(c * planes + i / output) * input..][..input];
            let (mut total, mut inside) = (T::Wide::ZERO, 0);
            for at in dims.places(i % output / width, i % width) {
                total = total + x[at].widen();
                inside += 1;
            }
            *o = T::narrow(total / divisor.of(dims, inside));
        }
    });
}

/// Gradient of the input: each output's gradient is shared equally by its window.
///
/// # Panics
/// If a length does not fit or no window fits the plane.
pub fn avg_pool2d_grad<T: Float>(dims: &Pool2d, divisor: Divisor, grad: &[T], grad_x: &mut [T]) {
    let (input, output, [_, width]) = dims.extents("avg_pool2d gradient", grad_x.len(), grad.len());
    if grad_x.is_empty() {
        return;
    }
    let planes = pool::grain(dims.planes, 2.0 * (output * dims.taps()) as f64);
    pool::for_slices(grad_x, planes * input, |c, grad_x| {
        let mut total = vec![T::Wide::ZERO; input];
        for (p, grad_x) in grad_x.chunks_exact_mut(input).enumerate() {
            total.fill(T::Wide::ZERO);
            for (i, g) in grad[(c * planes + p) * output..][..output].iter().enumerate() {
                let inside = dims.places(i / width, i % width).count();
                let share = g.widen() / divisor.of(dims, inside);
                for at in dims.places(i / width, i % width) {
                    total[at] = total[at] + share;
                }
            }
            for (x, t) in grad_x.iter_mut().zip(&total) {
                *x = T::narrow(*t);
            }
        }
    });
}
