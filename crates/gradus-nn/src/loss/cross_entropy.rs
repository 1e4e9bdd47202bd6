//! The loss of a classifier.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::Classes;
use crate::Result;
use crate::error::require;

/// Options of [`cross_entropy`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CrossEntropy {
    /// Mass ε in `0.0..=1.0` that is moved from the target to all classes evenly.
    pub label_smoothing: f64,
    /// A target that does not count (PyTorch's default is −100, ours is none): its loss is 0, and
    /// a mean is over the others.
    pub ignore_index: Option<i64>,
    /// What becomes of the losses of the targets.
    pub reduction: Reduction,
}

/// Cross-entropy −Σ q(c) ln softmax(logits)(c), where q is the target's class, smoothed.
///
/// With smoothing ε, q(c) = (1 − ε)·[c = target] + ε/C.
///
/// # Shapes
/// - `logits`: `[..., C]`, `targets`: `[...]` of `i64` → 0-d, or `[...]` with [`Reduction::None`].
///   (PyTorch puts C second: permute such logits.)
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
pub fn cross_entropy(logits: &Var, targets: &Tensor, options: CrossEntropy) -> Result<Var> {
    const NAME: &str = "cross_entropy";
    let CrossEntropy { label_smoothing, ignore_index, reduction } = options;
    let valid = (0.0..=1.0).contains(&label_smoothing);
    require(valid, NAME, "label_smoothing", "in 0.0..=1.0", label_smoothing)?;
    let count = Classes::new(NAME, logits, targets, ignore_index)?.count;
    let losses = logits.cross_entropy_with(gradus_tensor::Classes {
        targets: targets.clone(),
        smoothing: label_smoothing,
        ignore: ignore_index,
    })?;
    reduction.apply_counted(NAME, &losses, count)
}
