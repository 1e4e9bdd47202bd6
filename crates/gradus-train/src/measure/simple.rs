//! Measures of a classifier and of a regression.

use gradus_tensor::{DType, Tensor};

use super::Errors;
use crate::error::{Error, Result};

/// The share of rows whose largest logit is at the target.
///
/// # Shapes
/// - `logits`: `[..., classes]`, `targets`: i64 `[...]`
///
/// # Errors
/// If the shapes do not fit.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// let logits = Tensor::new([[0.1, 0.9], [0.8, 0.2]]);
/// assert_eq!(gradus_train::accuracy(&logits, &Tensor::new([1, 1]))?, 0.5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub fn accuracy(logits: &Tensor, targets: &Tensor) -> Result<f64> {
    let predicted = logits.argmax(-1)?;
    same_shape("targets", targets, predicted.dims())?;
    let right = predicted.eq(targets)?;
    Ok(right.to_dtype(DType::F64)?.mean(..)?.item()?)
}

/// The share of rows whose target is among the `k` largest logits; [`accuracy`] for `k` = 1.
///
/// # Shapes
/// - `logits`: `[..., classes]`, `targets`: i64 `[...]`
///
/// # Errors
/// If the shapes do not fit, or there are fewer than `k` classes.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// let logits = Tensor::new([[0.1, 0.9, 0.5], [0.8, 0.2, 0.5]]);
/// assert_eq!(gradus_train::top_k_accuracy(&logits, &Tensor::new([2, 1]), 2)?, 0.5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub fn top_k_accuracy(logits: &Tensor, targets: &Tensor, k: usize) -> Result<f64> {
    let (_, best) = logits.topk(k, -1)?; // (..., k)
    same_shape("targets", targets, &best.dims()[..best.rank() - 1])?;
    let hits = best.eq(&targets.unsqueeze(-1)?)?.any(-1)?;
    Ok(hits.to_dtype(DType::F64)?.mean(..)?.item()?)
}

/// How many equally likely choices a mean cross-entropy, in nats, amounts to: e to its power.
///
/// # Examples
/// ```
/// assert!((gradus_train::perplexity(8f64.ln()) - 8.0).abs() < 1e-12);
/// ```
pub fn perplexity(nats: f64) -> f64 {
    nats.exp()
}

/// A mean cross-entropy in bits, as bits per character or per byte; losses are in nats.
///
/// # Examples
/// ```
/// assert!((gradus_train::bits(8f64.ln()) - 3.0).abs() < 1e-12);
/// ```
pub fn bits(nats: f64) -> f64 {
    nats / std::f64::consts::LN_2
}

/// Mean absolute error of one batch; over many, gather [`Errors`].
///
/// # Errors
/// [`Error::Config`] if the shapes differ; nothing is broadcast, since that hides mistakes.
pub fn mae(predicted: &Tensor, target: &Tensor) -> Result<f64> {
    Ok(Errors::of(predicted, target)?.mae())
}

/// Root mean squared error of one batch, in the units of the target. The mean of those of many
/// batches is not the root of the mean over all: gather [`Errors`] for that.
///
/// # Errors
/// [`Error::Config`] if the shapes differ; nothing is broadcast, since that hides mistakes.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// let (predicted, target) = (Tensor::new([1.0, 2.0]), Tensor::new([4.0, 6.0]));
/// assert_eq!(gradus_train::rmse(&predicted, &target)?, 12.5f64.sqrt());
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub fn rmse(predicted: &Tensor, target: &Tensor) -> Result<f64> {
    Ok(Errors::of(predicted, target)?.rmse())
}

/// The share of the target's variance that is explained; see [`Errors::r2`].
///
/// # Errors
/// [`Error::Config`] if the shapes differ; nothing is broadcast, since that hides mistakes.
pub fn r2(predicted: &Tensor, target: &Tensor) -> Result<f64> {
    Ok(Errors::of(predicted, target)?.r2())
}

pub(super) fn same_shape(field: &'static str, got: &Tensor, expected: &[usize]) -> Result<()> {
    if got.dims() == expected {
        return Ok(());
    }
    let got = format!("{:?} for {expected:?}", got.dims());
    Err(Error::Config { field, expected: "the shape of the predictions", got })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_explains_nothing_and_the_truth_everything() {
        let y = Tensor::new([1.0, 2.0, 6.0]);
        assert_eq!(r2(&y, &y).unwrap(), 1.0);
        assert_eq!(r2(&Tensor::new([3.0, 3.0, 3.0]), &y).unwrap(), 0.0);
        assert_eq!(mae(&Tensor::new([2.0, 2.0, 2.0]), &y).unwrap(), 5.0 / 3.0);
    }

    #[test]
    fn other_shapes_are_refused() {
        let (column, row) = (Tensor::new([[1.0], [2.0]]), Tensor::new([1.0, 2.0]));
        assert!(rmse(&column, &row).is_err() && mae(&column, &row).is_err());
        assert!(r2(&column, &row).is_err());
        let logits = Tensor::new([[0.1, 0.9], [0.8, 0.2]]);
        for targets in [Tensor::new([[1], [0]]), Tensor::new([1])] {
            assert!(accuracy(&logits, &targets).is_err());
            assert!(top_k_accuracy(&logits, &targets, 1).is_err());
        }
        assert!(top_k_accuracy(&logits, &Tensor::new([0, 1]), 3).is_err());
    }
}
