//! The loss of a classifier.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::Classes;
use crate::Result;
use crate::error::require;

/// Options of [`cross_entropy`].
#[derive(Debug, Clone, Copy, Default)]
pub struct CrossEntropy<'a> {
    /// Factor w of each class: `[C]`, of the logits' dtype. A mean is then weighted by the factors of
    /// the targets, as in PyTorch.
    pub weight: Option<&'a Tensor>,
    /// Mass ε in `0.0..=1.0` that is moved from the target to all classes evenly.
    pub label_smoothing: f64,
    /// A target that does not count (PyTorch's default is −100, ours is none): its loss is 0, and
    /// a mean is over the others.
    pub ignore_index: Option<i64>,
    /// What becomes of the losses of the targets.
    pub reduction: Reduction,
}

/// Cross-entropy −Σ w(c) q(c) ln softmax(logits)(c), where q is the target's class, smoothed.
///
/// With smoothing ε, q(c) = (1 − ε)·[c = target] + ε/C.
///
/// # Shapes
/// - `logits`: `[..., C]`, `targets`: `[...]` of `i64` → 0-d, or `[...]` with [`Reduction::None`].
///   (PyTorch puts C second: permute such logits.) For targets that are distributions see
///   [`soft_cross_entropy`](super::soft_cross_entropy).
///
/// # Errors
/// If the shapes do not fit, a target is not a class, `label_smoothing` is not in `0.0..=1.0`, or
/// a mean is asked where no target counts ([`crate::Error::NoTarget`]; PyTorch gives NaN).
///
/// # Reference
/// Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7, for the smoothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{CrossEntropy, cross_entropy};
/// use gradus_nn::{Tensor, Var};
///
/// let logits = Var::constant(Tensor::new([[0.0, 0.0], [0.0, 9.0]]));
/// let options = CrossEntropy { ignore_index: Some(-1), ..CrossEntropy::default() };
/// let loss = cross_entropy(&logits, &Tensor::new([0, -1]), options)?;
/// assert!((loss.item()? - 2f64.ln()).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn cross_entropy(logits: &Var, targets: &Tensor, options: CrossEntropy<'_>) -> Result<Var> {
    const NAME: &str = "cross_entropy";
    let CrossEntropy { weight, label_smoothing, ignore_index, reduction } = options;
    let valid = (0.0..=1.0).contains(&label_smoothing);
    require(valid, NAME, "label_smoothing", "in 0.0..=1.0", label_smoothing)?;
    let classes = Classes::new(NAME, logits, targets, ignore_index)?;
    let plain = |smoothing| {
        logits.cross_entropy_with(gradus_tensor::Classes {
            targets: targets.clone(),
            smoothing,
            ignore: ignore_index,
        })
    };
    let Some(weight) = weight else {
        return reduction.apply_counted(NAME, &plain(label_smoothing)?, classes.count);
    };
    let factors = classes.factors(NAME, weight, logits)?;
    let total = factors.sum(..)?.item()?;
    let mut losses = plain(0.0)?.mul(&factors.reshape(targets.shape())?.into())?;
    if label_smoothing > 0.0 {
        let spread = logits.log_softmax(-1)?.mul(&weight.into())?.sum(-1)?.neg()?;
        let spread = match classes.hidden()? {
            Some(hidden) => spread.masked_fill(&hidden.reshape(targets.shape())?, 0.0)?,
            None => spread,
        };
        let share = label_smoothing / weight.len() as f64;
        losses = losses.mul_scalar(1.0 - label_smoothing)?.add(&spread.mul_scalar(share)?)?;
    }
    reduction.apply_weighted(NAME, &losses, total)
}
