//! Softmax cross-entropy along rows, forward and backward in one pass each.
//!
//! With lse = ln Σ e^x, p = e^(x − lse), C classes and smoothing ε:
//!
//! ```text
//! loss = lse − (1 − ε) x[target] − ε mean x
//! dx   = g · (p − (1 − ε) [c = target] − ε/C)
//! ```

use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::reduce::rows::{madd, sum_of};
use crate::reduce::softmax::{exponentials, padded};
use crate::scratch;
use crate::{Error, Result};

/// What a row is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classes<'a> {
    /// How many classes there are: the length of a row.
    pub count: usize,
    /// The class of each row.
    pub targets: &'a [i64],
    /// Mass that is moved from the target to all classes evenly.
    pub smoothing: f64,
    /// Rows with this target have no loss and no gradient.
    pub ignore: Option<i64>,
}

impl Classes<'_> {
    fn check(&self) -> Result<()> {
        let bad = |&t: &i64| Some(t) != self.ignore && (t < 0 || t as u64 >= self.count as u64);
        match self.targets.iter().position(bad) {
            Some(position) => {
                Err(Error::IndexOutOfRange { index: self.targets[position], position })
            }
            None => Ok(()),
        }
    }

    fn part(&self, start: usize, len: usize) -> Self {
        Self { targets: &self.targets[start..start + len], ..*self }
    }
}

/// The loss of each row, and its `lse` for the gradient.
///
/// # Errors
/// [`Error::IndexOutOfRange`] for a target that is neither a class nor ignored; nothing is written.
///
/// # Panics
/// If the lengths do not fit.
///
/// # Examples
/// ```
/// use gradus_cpu::loss::{Classes, cross_entropy};
/// let classes = Classes { count: 2, targets: &[1], smoothing: 0.0, ignore: None };
/// let (mut loss, mut lse) = ([0.0f64], [0.0]);
/// cross_entropy(classes, &[3.0, 3.0], &mut loss, &mut lse)?;
/// assert!((loss[0] - 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), gradus_cpu::Error>(())
/// ```
pub fn cross_entropy<T: Float>(
    classes: Classes<'_>,
    x: &[T],
    losses: &mut [T],
    lse: &mut [T::Wide],
) -> Result<()> {
    let (n, rows) = (classes.count, classes.targets.len());
    assert_eq!(x.len(), rows * n, "cross_entropy: length of x");
    assert!(losses.len() == rows && lse.len() == rows, "cross_entropy: lengths of outputs");
    classes.check()?;
    if n == 0 {
        // Every target is ignored, or there is none.
        losses.fill(T::narrow(T::Wide::ZERO));
        lse.fill(-T::Wide::INFINITY);
        return Ok(());
    }
    let chunk = pool::grain(rows, 0.4 * n as f64 + 10.0);
    pool::for_slices2((losses, chunk), (lse, chunk), |i, losses, lse| {
        let (start, len) = (i * chunk, losses.len());
        let x = &x[start * n..(start + len) * n];
        scratch::with(padded::<T>(n), |wide| {
            dispatch(Forward { classes: classes.part(start, len), x, wide, losses, lse });
        });
    });
    Ok(())
}

/// The gradient of [`cross_entropy`] from the gradient `g` of the losses.
///
/// # Errors
/// As [`cross_entropy`].
///
/// # Panics
/// If the lengths do not fit.
pub fn cross_entropy_grad<T: Float>(
    classes: Classes<'_>,
    x: &[T],
    lse: &[T::Wide],
    g: &[T],
    dx: &mut [T],
) -> Result<()> {
    let (n, rows) = (classes.count, classes.targets.len());
    assert!(x.len() == rows * n && dx.len() == x.len(), "cross_entropy_grad: length of x or dx");
    assert!(lse.len() == rows && g.len() == rows, "cross_entropy_grad: length of lse or g");
    classes.check()?;
    if dx.is_empty() {
        return Ok(());
    }
    let chunk = pool::grain(rows, 0.3 * n as f64 + 10.0);
    pool::for_slices(dx, chunk * n, |i, dx| {
        let (start, len) = (i * chunk, dx.len() / n);
        let x = &x[start * n..(start + len) * n];
        let (lse, g) = (&lse[start..start + len], &g[start..start + len]);
        dispatch(Backward { classes: classes.part(start, len), x, lse, g, dx });
    });
    Ok(())
}

struct Forward<'a, T: Float> {
    classes: Classes<'a>,
    x: &'a [T],
    wide: &'a mut [T::Wide],
    losses: &'a mut [T],
    lse: &'a mut [T::Wide],
}

impl<T: Float> Kernel for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { classes: Classes { count, targets, smoothing, ignore }, x, wide, .. } = self;
        let outputs = self.losses.iter_mut().zip(self.lse);
        for (((loss, lse), target), x) in outputs.zip(targets).zip(x.chunks_exact(count)) {
            let (max, total) = exponentials::<T, FMA>(x, wide);
            *lse = max + total.log::<FMA>();
            if Some(*target) == ignore {
                *loss = T::narrow(T::Wide::ZERO);
                continue;
            }
            let at = x[*target as usize].widen();
            *loss = T::narrow(if smoothing == 0.0 {
                // In this order a class that is certain has a loss of exactly 0.
                total.log::<FMA>() - (at - max)
            } else {
                let share = T::Wide::from_f64(smoothing / count as f64);
                *lse - T::Wide::from_f64(1.0 - smoothing) * at - share * sum_of(x, |x| x)
            });
        }
    }
}

struct Backward<'a, T: Float> {
    classes: Classes<'a>,
    x: &'a [T],
    lse: &'a [T::Wide],
    g: &'a [T],
    dx: &'a mut [T],
}

impl<T: Float> Kernel for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Classes { count, targets, smoothing, ignore } = self.classes;
        let share = T::Wide::from_f64(smoothing / count as f64);
        let kept = T::Wide::from_f64(1.0 - smoothing);
        let rows = self.dx.chunks_exact_mut(count).zip(self.x.chunks_exact(count));
        for (((dx, x), target), (lse, g)) in rows.zip(targets).zip(self.lse.iter().zip(self.g)) {
            if Some(*target) == ignore {
                dx.fill(T::narrow(T::Wide::ZERO));
                continue;
            }
            let g = g.widen();
            let shift = -(g * share);
            for (dx, x) in dx.iter_mut().zip(x) {
                let p = (x.widen() - *lse).exp_open::<FMA>();
                *dx = T::narrow(madd::<FMA, _>(p, g, shift));
            }
            let at = *target as usize;
            let p = (x[at].widen() - *lse).exp_open::<FMA>();
            dx[at] = T::narrow(madd::<FMA, _>(p - kept, g, shift));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::isa;

    /// Losses and gradients by the formulas, in f64.
    fn naive(classes: Classes<'_>, x: &[f64], g: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = classes.count;
        let (mut losses, mut dx) = (vec![0.0; g.len()], vec![0.0; x.len()]);
        for (r, &target) in classes.targets.iter().enumerate() {
            if Some(target) == classes.ignore {
                continue;
            }
            let x = &x[r * n..][..n];
            let max = x.iter().copied().fold(f64::MIN, f64::max);
            let lse = max + x.iter().map(|x| (x - max).exp()).sum::<f64>().ln();
            for (c, x) in x.iter().enumerate() {
                let hit = if c as i64 == target { 1.0 } else { 0.0 };
                let q = (1.0 - classes.smoothing) * hit + classes.smoothing / n as f64;
                losses[r] += q * (lse - x);
                dx[r * n + c] = g[r] * ((x - lse).exp() - q);
            }
        }
        (losses, dx)
    }

    fn fused<T: Float>(classes: Classes<'_>, x: &[T], g: &[T]) -> (Vec<T>, Vec<T>) {
        let zero = T::narrow(T::Wide::ZERO);
        let (mut losses, mut dx) = (vec![zero; g.len()], vec![zero; x.len()]);
        let mut lse = vec![T::Wide::ZERO; g.len()];
        cross_entropy(classes, x, &mut losses, &mut lse).unwrap();
        cross_entropy_grad(classes, x, &lse, g, &mut dx).unwrap();
        (losses, dx)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn kernels_agree_with_the_formulas(
            rows in 0usize..40, n in 1usize..80, seed: u32, smoothing in 0.0f64..1.0, smooth: bool,
        ) {
            let draw = |i: usize| f64::from((i as u32 ^ seed).wrapping_mul(2_654_435_761) >> 8) / 2e6;
            let x: Vec<f64> = (0..rows * n).map(draw).collect();
            let g: Vec<f64> = (0..rows).map(|i| draw(i + 77) - 4.0).collect();
            let targets: Vec<i64> = (0..rows).map(|i| (i * 7 % n) as i64).collect();
            let smoothing = if smooth { smoothing } else { 0.0 };
            let ignore = Some(n as i64 / 2);
            let classes = Classes { count: n, targets: &targets, smoothing, ignore };
            let (losses, dx) = naive(classes, &x, &g);
            let narrow = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<_>>();
            for &level in isa::available() {
                for threads in [1, 3] {
                    let near = |got: f64, want: f64, tolerance: f64| {
                        assert!((got - want).abs() <= tolerance * (1.0 + want.abs()), "{got} {want}");
                    };
                    isa::with_level(level, || pool::with_threads(threads, || {
                        let (a, b) = fused(classes, &x, &g);
                        a.iter().zip(&losses).chain(b.iter().zip(&dx)).for_each(|(a, b)| near(*a, *b, 1e-13));
                        let (a, b) = fused(classes, &narrow(&x), &narrow(&g));
                        a.iter().zip(&losses).chain(b.iter().zip(&dx)).for_each(|(a, b)| near((*a).into(), *b, 1e-5));
                    }));
                }
            }
        }
    }

    #[test]
    fn a_certain_class_costs_nothing_and_a_bad_target_is_named() {
        let classes = Classes { count: 2, targets: &[0, 1], smoothing: 0.0, ignore: None };
        let (losses, _) = fused(classes, &[0.0f32, -1e4, 0.0, 1e4], &[1.0, 1.0]);
        assert_eq!(losses, [0.0, 0.0]);
        let classes = Classes { targets: &[0, 2], ..classes };
        let bad = Err(Error::IndexOutOfRange { index: 2, position: 1 });
        assert_eq!(cross_entropy(classes, &[0.0f32; 4], &mut [0.0; 2], &mut [0.0; 2]), bad);
        assert_eq!(
            cross_entropy_grad(classes, &[0.0f32; 4], &[0.0; 2], &[0.0; 2], &mut [0.0; 4]),
            bad
        );
    }

    #[test]
    fn nan_spoils_its_own_row_only() {
        let classes = Classes { count: 2, targets: &[0, 1], smoothing: 0.1, ignore: None };
        let (losses, dx) = fused(classes, &[f32::NAN, 1.0, 0.0, 1.0], &[1.0, 1.0]);
        assert!(losses[0].is_nan() && dx[0].is_nan() && dx[1].is_nan());
        assert!(!losses[1].is_nan() && !dx[2].is_nan());
    }
}
