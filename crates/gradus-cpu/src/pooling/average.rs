//! The mean of each window.

use super::Pool2d;
use super::taps::Taps;
use crate::isa::{Kernel, dispatch};
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
    /// The divisor of each output of row `y`.
    fn row<R: Real>(self, dims: &Pool2d, taps: &Taps, y: usize, out: &mut [R]) {
        if self == Self::Taps {
            return out.fill(R::from_f64(dims.taps() as f64));
        }
        let window = dims.window;
        let rows = (0..window.kernel[0]).filter(|i| window.place(0, y, *i, dims.size[0]).is_some());
        let rows = rows.count();
        for (o, divisor) in out.iter_mut().enumerate() {
            *divisor = R::from_f64((rows * taps.inside(o)) as f64);
        }
    }
}

/// The mean of each window, summed in row-major order in [`Float::Wide`]. With
/// [`Divisor::Inside`], a window without an element gives NaN.
///
/// # Panics
/// If a length does not fit or no window fits the plane.
pub fn avg_pool2d<T: Float>(dims: &Pool2d, divisor: Divisor, x: &[T], out: &mut [T]) {
    let (input, output, [_, width]) = dims.extents("avg_pool2d", x.len(), out.len());
    if out.is_empty() {
        return;
    }
    let taps = Taps::new(dims, width);
    let planes = pool::grain(dims.planes, (output * dims.taps()) as f64);
    pool::for_slices(out, planes * output, |c, out| {
        let x = &x[c * planes * input..][..out.len() / output * input];
        dispatch(Average { dims, taps: &taps, divisor, x, out });
    });
}

struct Average<'a, T> {
    dims: &'a Pool2d,
    taps: &'a Taps,
    divisor: Divisor,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for Average<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { dims, taps, divisor, x, out } = self;
        let [height, width] = dims.window.out_size(dims.size).expect("checked by the caller");
        let input = dims.size[0] * dims.size[1];
        let mut total = vec![T::Wide::ZERO; width];
        let mut divisors = vec![T::Wide::ONE; width];
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            let (plane, y) = (&x[i / height * input..][..input], i % height);
            total.fill(T::Wide::ZERO);
            for line in taps.lines(dims, y) {
                let total = &mut total[line.first..line.last];
                let source = &plane[line.start..];
                if taps.step == 1 {
                    total.iter_mut().zip(source).for_each(|(t, x)| *t = *t + x.widen());
                } else {
                    let source = source.iter().step_by(taps.step);
                    total.iter_mut().zip(source).for_each(|(t, x)| *t = *t + x.widen());
                }
            }
            if divisor == Divisor::Inside || i == 0 {
                divisor.row(dims, taps, y, &mut divisors);
            }
            for ((o, t), d) in out.iter_mut().zip(&total).zip(&divisors) {
                *o = T::narrow(*t / *d);
            }
        }
    }
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
    let taps = Taps::new(dims, width);
    let planes = pool::grain(dims.planes, (output * dims.taps()) as f64);
    pool::for_slices(grad_x, planes * input, |c, grad_x| {
        let grad = &grad[c * planes * output..][..grad_x.len() / input * output];
        dispatch(AverageGrad { dims, taps: &taps, divisor, grad, grad_x });
    });
}

struct AverageGrad<'a, T> {
    dims: &'a Pool2d,
    taps: &'a Taps,
    divisor: Divisor,
    grad: &'a [T],
    grad_x: &'a mut [T],
}

impl<T: Float> Kernel for AverageGrad<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { dims, taps, divisor, grad, grad_x } = self;
        let [height, width] = dims.window.out_size(dims.size).expect("checked by the caller");
        let input = dims.size[0] * dims.size[1];
        let mut total = vec![T::Wide::ZERO; input];
        let mut shares = vec![T::Wide::ZERO; width];
        let planes = grad_x.chunks_exact_mut(input).zip(grad.chunks_exact(height * width));
        for (grad_x, grad) in planes {
            total.fill(T::Wide::ZERO);
            for (y, grad) in grad.chunks_exact(width).enumerate() {
                divisor.row(dims, taps, y, &mut shares);
                for (share, g) in shares.iter_mut().zip(grad) {
                    *share = g.widen() / *share;
                }
                for line in taps.lines(dims, y) {
                    let shares = &shares[line.first..line.last];
                    let total = &mut total[line.start..];
                    if taps.step == 1 {
                        total.iter_mut().zip(shares).for_each(|(t, s)| *t = *t + *s);
                    } else {
                        let total = total.iter_mut().step_by(taps.step);
                        total.zip(shares).for_each(|(t, s)| *t = *t + *s);
                    }
                }
            }
            for (x, t) in grad_x.iter_mut().zip(&total) {
                *x = T::narrow(*t);
            }
        }
    }
}
