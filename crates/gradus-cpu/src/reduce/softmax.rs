//! Softmax and its relatives along rows, in one pass through the cache.

use super::rows::{largest_number, widen};
use super::sum;
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::scratch;

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
    let chunk = pool::grain(out.len(), 0.35 * n as f64);
    pool::for_slices(out, chunk, |i, out| {
        let x = &x[i * chunk * n..][..out.len() * n];
        scratch::with(padded::<T>(n), |wide| dispatch(LogSumExp { n, x, wide, out }));
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
    let count = pool::grain(x.len() / n, 0.35 * n as f64);
    pool::for_slices(out, count * n, |i, out| {
        let x = &x[i * count * n..][..out.len()];
        scratch::with(padded::<T>(n), |wide| dispatch(Rows { n, x, wide, out, form }));
    });
}

/// Length of the working row: whole vectors for `f32`, so that short rows need no scalar tail. The
/// padding holds −∞, whose exponential is 0 and changes no sum.
pub(crate) fn padded<T: Float>(n: usize) -> usize {
    if size_of::<T::Wide>() == 4 { n.next_multiple_of(16) } else { n }
}

/// Writes `e^(x − max)` of a row to `wide`; gives the maximum and the sum.
///
/// A NaN in the row makes its own exponential and so the sum NaN, whatever the maximum is.
#[inline(always)]
pub(crate) fn exponentials<T: Float, const FMA: bool>(
    x: &[T],
    wide: &mut [T::Wide],
) -> (T::Wide, T::Wide) {
    let (row, rest) = wide.split_at_mut(x.len());
    widen(x, row);
    rest.fill(-T::Wide::INFINITY);
    let max = largest_number(wide);
    for w in &mut *wide {
        *w = (*w - max).exp_open::<FMA>();
    }
    (max, sum::row(wide))
}

struct LogSumExp<'a, T: Float> {
    n: usize,
    x: &'a [T],
    wide: &'a mut [T::Wide],
    out: &'a mut [T],
}

impl<T: Float> Kernel for LogSumExp<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, x) in self.out.iter_mut().zip(self.x.chunks_exact(self.n)) {
            let (max, total) = exponentials::<T, FMA>(x, self.wide);
            // For an infinite maximum the shift has no meaning; the maximum is the answer, if no NaN
            // is in the row.
            let infinite = max.abs() == T::Wide::INFINITY && !x.iter().any(|x| x.widen().is_nan());
            *o = T::narrow(if infinite { max } else { max + total.log::<FMA>() });
        }
    }
}

struct Rows<'a, T: Float> {
    n: usize,
    x: &'a [T],
    wide: &'a mut [T::Wide],
    out: &'a mut [T],
    form: Form,
}

impl<T: Float> Kernel for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (out, x) in self.out.chunks_exact_mut(self.n).zip(self.x.chunks_exact(self.n)) {
            let (max, total) = exponentials::<T, FMA>(x, self.wide);
            match self.form {
                Form::Softmax => {
                    let scale = T::Wide::ONE / total;
                    for (o, e) in out.iter_mut().zip(&*self.wide) {
                        *o = T::narrow(*e * scale);
                    }
                }
                Form::LogSoftmax => {
                    let log = total.log::<FMA>();
                    for (o, x) in out.iter_mut().zip(x) {
                        *o = T::narrow((x.widen() - max) - log);
                    }
                }
            }
        }
    }
}
