//! Gradients of softmax and log-softmax along rows.

use super::rows::{dot, madd, sum_of, widen};
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::scratch;

/// `dx = y (g − Σ g y)` for each row of `n`, where `y` is the softmax of x.
///
/// # Panics
/// If the lengths differ or are not a multiple of `n`.
///
/// # Examples
/// ```
/// let (y, g, mut dx) = ([0.5f32, 0.5], [1.0, 0.0], [0.0; 2]);
/// gradus_cpu::reduce::softmax_grad(2, &y, &g, &mut dx);
/// assert_eq!(dx, [0.25, -0.25]);
/// ```
pub fn softmax_grad<T: Float>(n: usize, y: &[T], g: &[T], dx: &mut [T]) {
    rows(n, y, g, dx, Form::Softmax);
}

/// `dx = g − e^y Σ g` for each row of `n`, where `y` is the log-softmax of x.
///
/// # Panics
/// As [`softmax_grad`].
pub fn log_softmax_grad<T: Float>(n: usize, y: &[T], g: &[T], dx: &mut [T]) {
    rows(n, y, g, dx, Form::LogSoftmax);
}

#[derive(Clone, Copy)]
enum Form {
    Softmax,
    LogSoftmax,
}

fn rows<T: Float>(n: usize, y: &[T], g: &[T], dx: &mut [T], form: Form) {
    assert!(y.len() == dx.len() && g.len() == dx.len(), "softmax_grad: lengths differ");
    if dx.is_empty() {
        return;
    }
    assert!(n > 0 && dx.len().is_multiple_of(n), "softmax_grad: length is not a multiple of n");
    let count = pool::grain(dx.len() / n, 0.3 * n as f64);
    pool::for_slices(dx, count * n, |i, dx| {
        let part = i * count * n..i * count * n + dx.len();
        scratch::with(2 * n, |wide| {
            dispatch(Rows { n, y: &y[part.clone()], g: &g[part], dx, wide, form });
        });
    });
}

struct Rows<'a, T: Float> {
    n: usize,
    y: &'a [T],
    g: &'a [T],
    dx: &'a mut [T],
    wide: &'a mut [T::Wide],
    form: Form,
}

impl<T: Float> Kernel for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { n, y, g, dx, wide, form } = self;
        let (wide_y, wide_g) = wide.split_at_mut(n);
        for ((dx, y), g) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).zip(g.chunks_exact(n)) {
            match form {
                Form::Softmax => {
                    widen(y, wide_y);
                    widen(g, wide_g);
                    let along = dot::<FMA, _>(wide_y, wide_g);
                    for ((dx, y), g) in dx.iter_mut().zip(&*wide_y).zip(&*wide_g) {
                        *dx = T::narrow(*y * (*g - along));
                    }
                }
                Form::LogSoftmax => {
                    let total = -sum_of(g, |g| g);
                    for ((dx, y), g) in dx.iter_mut().zip(y).zip(g) {
                        let p = y.widen().exp_open::<FMA>();
                        *dx = T::narrow(madd::<FMA, _>(p, total, g.widen()));
                    }
                }
            }
        }
    }
}
