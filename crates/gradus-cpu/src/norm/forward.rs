//! Rows brought to mean 0 and variance 1.

use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::reduce::rows::{madd, sum_of};

/// Which statistics a row is normalized by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// Mean and variance.
    Layer,
    /// The mean square.
    Rms,
}

/// A normalization of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalization {
    /// By which statistics.
    pub norm: Norm,
    /// Length of a row.
    pub n: usize,
    /// Added to the variance, which is the mean square, without correction.
    pub eps: f64,
}

/// A factor and a shift per column, either of which may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Affine<'a, T> {
    /// The factors.
    pub weight: Option<&'a [T]>,
    /// The shifts.
    pub bias: Option<&'a [T]>,
}

impl<T> Affine<'_, T> {
    pub(super) fn check(&self, n: usize) {
        let fits = |x: Option<&[T]>| x.is_none_or(|x| x.len() == n);
        assert!(fits(self.weight) && fits(self.bias), "normalize: length of weight or bias");
    }
}

/// Normalizes each row and applies `affine`; `stats` gets mean and 1/√(var + ε) of each row.
///
/// # Panics
/// If the lengths do not fit: `x` and `out` have the same whole number of rows, `stats` two numbers
/// for each.
///
/// # Examples
/// ```
/// use gradus_cpu::norm::{Affine, Norm, Normalization, normalize};
/// let (mut out, mut stats) = ([0.0f64; 2], [0.0; 2]);
/// let affine = Affine { weight: Some(&[2.0, 1.0][..]), bias: None };
/// let rule = Normalization { norm: Norm::Layer, n: 2, eps: 0.0 };
/// normalize(rule, &[1.0, 5.0], affine, &mut out, &mut stats);
/// assert_eq!((out, stats), ([-2.0, 1.0], [3.0, 0.5]));
/// ```
pub fn normalize<T: Float>(
    rule: Normalization,
    x: &[T],
    affine: Affine<'_, T>,
    out: &mut [T],
    stats: &mut [T::Wide],
) {
    let n = rule.n;
    affine.check(n);
    assert_eq!(x.len(), out.len(), "normalize: lengths differ");
    assert_eq!(x.len(), stats.len() / 2 * n, "normalize: length of stats");
    if out.is_empty() {
        // Rows of nothing have no output, but statistics all the same.
        stats.fill(T::Wide::NAN);
        return;
    }
    let rows = pool::grain(stats.len() / 2, 0.25 * n as f64 + 5.0);
    pool::for_slices2((out, rows * n), (stats, 2 * rows), |i, out, stats| {
        let x = &x[i * rows * n..][..out.len()];
        dispatch(Rows { rule, x, affine, out, stats });
    });
}

struct Rows<'a, T: Float> {
    rule: Normalization,
    x: &'a [T],
    affine: Affine<'a, T>,
    out: &'a mut [T],
    stats: &'a mut [T::Wide],
}

impl<T: Float> Kernel for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { rule: Normalization { norm, n, eps }, x, affine, out, stats } = self;
        let eps = T::Wide::from_f64(eps);
        let share = T::Wide::ONE / T::Wide::from_f64(n as f64);
        let rows = out.chunks_exact_mut(n).zip(x.chunks_exact(n));
        for ((out, x), stats) in rows.zip(stats.as_chunks_mut::<2>().0) {
            let mean = match norm {
                Norm::Layer => sum_of(x, |x| x) * share,
                Norm::Rms => T::Wide::ZERO,
            };
            let var = sum_of(x, |x| (x - mean) * (x - mean)) * share;
            let rstd = T::Wide::ONE / (var + eps).sqrt();
            *stats = [mean, rstd];
            let h = |x: &T| (x.widen() - mean) * rstd;
            match (affine.weight, affine.bias) {
                (Some(w), Some(b)) => {
                    for (((o, x), w), b) in out.iter_mut().zip(x).zip(w).zip(b) {
                        *o = T::narrow(madd::<FMA, _>(h(x), w.widen(), b.widen()));
                    }
                }
                (Some(w), None) => {
                    for ((o, x), w) in out.iter_mut().zip(x).zip(w) {
                        *o = T::narrow(h(x) * w.widen());
                    }
                }
                (None, Some(b)) => {
                    for ((o, x), b) in out.iter_mut().zip(x).zip(b) {
                        *o = T::narrow(h(x) + b.widen());
                    }
                }
                (None, None) => {
                    for (o, x) in out.iter_mut().zip(x) {
                        *o = T::narrow(h(x));
                    }
                }
            }
        }
    }
}
