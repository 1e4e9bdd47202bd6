//! The loss of a classifier whose targets are distributions.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::{class_weights, same_shape};
use crate::error::require;
use crate::{Error, Result};

/// Options of [`soft_cross_entropy`]; a [`Reduction`] alone will do as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftCrossEntropy<'a> {
    /// Factor of each class: `[C]`, of the logits' dtype.
    pub weight: Option<&'a Tensor>,
    /// Mass ε in `0.0..=1.0` that is moved from the targets to all classes evenly.
    pub label_smoothing: f64,
    /// What becomes of the losses of the rows. The mean divides by their number, not by weights.
    pub reduction: Reduction,
}

impl From<Reduction> for SoftCrossEntropy<'_> {
    fn from(reduction: Reduction) -> Self {
        Self { reduction, ..Self::default() }
    }
}

/// Cross-entropy −Σ w(c) q(c) ln softmax(logits)(c) of target distributions q: for mixed-up examples,
/// teachers and uncertain labels. PyTorch's `cross_entropy` with class probabilities.
///
/// # Shapes
/// - `logits`, `probs`: `[..., C]` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes do not fit, `label_smoothing` is not in `0.0..=1.0`, or a mean is asked over
/// nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, soft_cross_entropy};
/// use gradus_nn::{Tensor, Var};
///
/// let logits = Var::constant(Tensor::new([[0.0, 0.0]]));
/// let probs = Var::constant(Tensor::new([[0.3, 0.7]]));
/// let loss = soft_cross_entropy(&logits, &probs, Reduction::Mean)?;
/// assert!((loss.item()? - 2f64.ln()).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn soft_cross_entropy<'a>(
    logits: &Var,
    probs: &Var,
    options: impl Into<SoftCrossEntropy<'a>>,
) -> Result<Var> {
    const NAME: &str = "soft_cross_entropy";
    let SoftCrossEntropy { weight, label_smoothing, reduction } = options.into();
    same_shape(NAME, logits, probs)?;
    let valid = (0.0..=1.0).contains(&label_smoothing);
    require(valid, NAME, "label_smoothing", "in 0.0..=1.0", label_smoothing)?;
    let Some(&classes) = logits.dims().last() else {
        let (expected, got) = ("[..., C]".to_owned(), logits.shape().clone());
        return Err(Error::InputShape { layer: NAME, expected, got });
    };
    let mut target = probs.clone();
    if label_smoothing > 0.0 {
        let share = label_smoothing / classes.max(1) as f64;
        target = target.mul_scalar(1.0 - label_smoothing)?.add_scalar(share)?;
    }
    if let Some(weight) = weight {
        class_weights(NAME, weight, classes)?;
        target = target.mul(&weight.into())?;
    }
    // A class of no mass counts nothing, even if its logit is −∞.
    let none = target.value().eq_scalar(0.0)?;
    let parts = logits.log_softmax(-1)?.mul(&target)?.masked_fill(&none, 0.0)?;
    reduction.apply(NAME, &parts.sum(-1)?.neg()?)
}
