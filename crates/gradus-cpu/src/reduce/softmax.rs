//! Softmax and its relatives along rows, in one pass through the cache.

use super::extremum;
use super::sum;
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;

/// `e^(x − max) / Σ e^(x − max)` for each row of `n`, computed in [`Float::Wide`].
///
/// −∞ gives exactly 0; a row of only −∞, or with a NaN or +∞, gives NaN, as in PyTorch.
///
/// # Panics
/// If the lengths differ or are not a multiple of `n`.
///
/// # Examples
/// ```
/// let mut out = [0.0f32; 3];
/// gradus_cpu::reduce::softmax(3, &[1.0, f32::NEG_INFINITY, 1.0], &mut out);
/// assert_eq!(out, [0.5, 0.0, 0.5]);
/// ```
pub fn softmax<T: Float>(n: usize, x: &[T], out: &mut [T]) {
    rows(n, x, out, Form::Softmax);
}

/// `x − max − ln Σ e^(x − max)` for each row of `n`, computed in [`Float::Wide`].
///
/// # Panics
/// As [`softmax`].
pub fn log_softmax<T: Float>(n: usize, x: &[T], out: &mut [T]) {
    rows(n, x, out, Form::LogSoftmax);
}

/// `max + ln Σ e^(x − max)` for each row of `n`; a row of only −∞ (or an empty one) gives −∞.
///
/// # Panics
/// If `x` does not have `out.len()` rows of `n`.
pub fn logsumexp<T: Float>(n: usize, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), n * out.len(), "logsumexp: length of x");
    if n == 0 {
        out.fill(T::narrow(-T::Wide::INFINITY));
        return;
    }
    let chunk = pool::grain(out.len(), n as f64);
    pool::for_slices(out, chunk, |i, out| {
        let x = &x[i * chunk * n..][..out.len() * n];
        let mut shifted = vec![T::Wide::ZERO; n];
        for (o, x) in out.iter_mut().zip(x.chunks_exact(n)) {
            let (max, total) = dispatch(Exponentials { x, out: &mut shifted });
            // For an infinite maximum the shift has no meaning; the maximum is the answer.
            let infinite = max.abs() == T::Wide::INFINITY;
            *o = T::narrow(if infinite { max } else { max + dispatch(Log(total)) });
        }
    });
}

#[derive(Clone, Copy)]
enum Form {
    Softmax,
    LogSoftmax,
}

fn rows<T: Float>(n: usize, x: &[T], out: &mut [T], form: Form) {
    assert_eq!(x.len(), out.len(), "softmax: lengths differ");
    if n == 0 || x.is_empty() {
        return;
    }
    assert!(x.len().is_multiple_of(n), "softmax: length is not a multiple of n");
    let count = pool::grain(x.len() / n, n as f64);
    pool::for_slices(out, count * n, |i, out| {
        let x = &x[i * count * n..][..out.len()];
        let mut wide = vec![T::Wide::ZERO; n];
        for (out, x) in out.chunks_exact_mut(n).zip(x.chunks_exact(n)) {
            let (max, total) = dispatch(Exponentials { x, out: &mut wide });
            dispatch(Finish { x, wide: &wide, out, max, total, form });
        }
    });
}

/// Writes `e^(x − max)` of a row; gives the maximum and the sum.
struct Exponentials<'a, T: Float> {
    x: &'a [T],
    out: &'a mut [T::Wide],
}

impl<T: Float> Kernel for Exponentials<'_, T> {
    type Output = (T::Wide, T::Wide);
    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        for (o, x) in self.out.iter_mut().zip(self.x) {
            *o = x.widen();
        }
        let max = extremum::largest(self.out);
        for o in &mut *self.out {
            *o = (*o - max).exp::<FMA>();
        }
        (max, sum::row(self.out))
    }
}

struct Log<R>(R);

impl<R: Real> Kernel for Log<R> {
    type Output = R;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> R {
        self.0.log::<FMA>()
    }
}

/// The result from the exponentials.
struct Finish<'a, T: Float> {
    x: &'a [T],
    wide: &'a [T::Wide],
    out: &'a mut [T],
    max: T::Wide,
    total: T::Wide,
    form: Form,
}

impl<T: Float> Kernel for Finish<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        match self.form {
            Form::Softmax => {
                for (o, e) in self.out.iter_mut().zip(self.wide) {
                    *o = T::narrow(*e / self.total);
                }
            }
            Form::LogSoftmax => {
                let log = self.total.log::<FMA>();
                for (o, x) in self.out.iter_mut().zip(self.x) {
                    *o = T::narrow((x.widen() - self.max) - log);
                }
            }
        }
    }
}
