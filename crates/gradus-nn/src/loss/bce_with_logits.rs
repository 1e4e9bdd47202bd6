//! Cross-entropy of yes-or-no questions.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// Binary cross-entropy −y ln σ(x) − (1 − y) ln(1 − σ(x)) of logits x.
///
/// Computed as softplus(x) − x·y, which does not overflow; targets may be anything in `0..=1`.
///
/// # Shapes
/// - `logits`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, or a mean is asked over nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, bce_with_logits};
/// use gradus_nn::{Tensor, Var};
///
/// let logits = Var::constant(Tensor::new([-1000.0, 1000.0]));
/// let target = Var::constant(Tensor::new([0.0, 0.0]));
/// let losses = bce_with_logits(&logits, &target, Reduction::None)?;
/// assert_eq!(losses.value().to_vec::<f32>()?, [0.0, 1000.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn bce_with_logits(logits: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("bce_with_logits", logits, target)?;
    let losses = logits.softplus()?.sub(&logits.mul(target)?)?;
    reduction.apply("bce_with_logits", &losses)
}
