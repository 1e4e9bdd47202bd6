//! The errors of a regression.

use gradus_tensor::{DType, Tensor};

use super::simple::same_shape;
use crate::error::Result;

/// Sums over the errors of a regression, from which its measures are read.
///
/// All elements count alike, whatever their place in the tensor. Sums are kept in f64; the
/// variance of the targets is merged by the formula of Chan and others (1979), so that it
/// does not cancel when targets are far from zero.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::Errors;
/// let mut errors = Errors::of(&Tensor::new([1.0, 2.0]), &Tensor::new([4.0, 6.0]))?;
/// errors.merge(&Errors::of(&Tensor::new([5.0]), &Tensor::new([5.0]))?);
/// assert_eq!(errors.mae(), 7.0 / 3.0);
/// assert_eq!(errors.rmse(), (25f64 / 3.0).sqrt());
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Errors {
    pub(crate) count: f64,
    pub(crate) absolute: f64,
    pub(crate) squared: f64,
    /// Mean of the targets, and the sum of their squared distances from it.
    pub(crate) mean: f64,
    pub(crate) spread: f64,
}

impl Errors {
    /// The errors of one batch.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the shapes differ; nothing is broadcast, since
    /// that hides mistakes.
    pub fn of(predicted: &Tensor, target: &Tensor) -> Result<Self> {
        same_shape("target", target, predicted.dims())?;
        let target = target.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let predicted = predicted.to_dtype(DType::F64)?.to_vec::<f64>()?;
        if target.is_empty() {
            return Ok(Self::default());
        }
        let count = target.len() as f64;
        let mean = target.iter().sum::<f64>() / count;
        let mut errors = Self { count, mean, ..Self::default() };
        for (y, p) in target.into_iter().zip(predicted) {
            errors.absolute += (p - y).abs();
            errors.squared += (p - y) * (p - y);
            errors.spread += (y - mean) * (y - mean);
        }
        Ok(errors)
    }

    /// Adds the errors of another batch.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        let count = self.count + other.count;
        let distance = other.mean - self.mean;
        self.spread += other.spread + distance * distance * self.count * (other.count / count);
        self.mean += distance * (other.count / count);
        self.absolute += other.absolute;
        self.squared += other.squared;
        self.count = count;
    }

    /// Mean absolute error; NaN when empty.
    pub fn mae(&self) -> f64 {
        self.absolute / self.count
    }

    /// Mean squared error; NaN when empty.
    pub fn mse(&self) -> f64 {
        self.squared / self.count
    }

    /// Root mean squared error, in the units of the target; NaN when empty.
    pub fn rmse(&self) -> f64 {
        self.mse().sqrt()
    }

    /// The share of the target's variance that is explained: 1 − Σ(y − ŷ)² / Σ(y − ȳ)².
    ///
    /// NaN for fewer than two targets. If all are equal, there is nothing to explain: it is then 1
    /// for predictions without error and 0 for others, as in scikit-learn.
    pub fn r2(&self) -> f64 {
        match (self.count < 2.0, self.spread == 0.0, self.squared == 0.0) {
            (true, _, _) => f64::NAN,
            (_, true, true) => 1.0,
            (_, true, false) if self.squared.is_nan() => f64::NAN,
            (_, true, false) => 0.0,
            _ => 1.0 - self.squared / self.spread,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_give_what_the_whole_gives(
            pairs in prop::collection::vec((-10.0..10.0f64, 990.0..1010.0f64), 2..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let of = |part: &[(f64, f64)]| {
                let column = |f: fn(&(f64, f64)) -> f64| {
                    Tensor::from_vec(part.iter().map(f).collect::<Vec<_>>(), part.len()).unwrap()
                };
                Errors::of(&column(|p| p.1 + p.0), &column(|p| p.1)).unwrap()
            };
            let whole = of(&pairs);
            let cut = cut.index(pairs.len() + 1);
            let mut parts = of(&pairs[..cut]);
            parts.merge(&of(&pairs[cut..]));
            for read in [Errors::mae, Errors::mse, Errors::rmse, Errors::r2] {
                let (a, b) = (read(&parts), read(&whole));
                prop_assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} {b}");
            }
        }
    }

    #[test]
    fn edges_are_those_of_scikit_learn() {
        let errors =
            |p: [f64; 2], y: [f64; 2]| Errors::of(&Tensor::from(p), &Tensor::from(y)).unwrap().r2();
        assert_eq!(errors([3.0, 3.0], [3.0, 3.0]), 1.0);
        assert_eq!(errors([3.0, 4.0], [3.0, 3.0]), 0.0);
        assert!(errors([3.0, f64::NAN], [3.0, 3.0]).is_nan());
        assert!(Errors::default().r2().is_nan() && Errors::default().mae().is_nan());
        let one = Tensor::from([1.0f64]);
        assert!(Errors::of(&one, &one).unwrap().r2().is_nan());
    }
}
