//! Cross-entropy of yes-or-no questions, from probabilities.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::{from_zero_to_one, same_shape};
use crate::Result;

/// Logarithms below this count as this, as in PyTorch, so that no loss is infinite.
const LOWEST: f64 = -100.0;

/// Binary cross-entropy −y ln p − (1 − y) ln(1 − p) of probabilities p.
///
/// A logarithm below −100 counts as −100, and has no gradient. Prefer
/// [`bce_with_logits`](super::bce_with_logits) where logits are at hand: it loses no digits.
///
/// # Shapes
/// - `probs`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, a probability is outside `0..=1`, or a mean is asked over nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, bce};
/// use gradus_nn::{Tensor, Var};
///
/// let probs = Var::constant(Tensor::new([0.5, 0.0]));
/// let target = Var::constant(Tensor::new([1.0, 1.0]));
/// let losses = bce(&probs, &target, Reduction::None)?.value().to_vec::<f32>()?;
/// assert_eq!(losses, [2f32.ln(), 100.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn bce(probs: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("bce", probs, target)?;
    from_zero_to_one("bce", "probs", probs.value())?;
    let no = probs.neg()?.add_scalar(1.0)?;
    let yes = target.mul(&bounded_log(probs)?)?;
    let no = target.neg()?.add_scalar(1.0)?.mul(&bounded_log(&no)?)?;
    reduction.apply("bce", &yes.add(&no)?.neg()?)
}

/// max(ln x, −100). What is filled in never meets the logarithm, whose slope at zero is infinite.
fn bounded_log(x: &Var) -> Result<Var> {
    let tiny = x.value().lt_scalar(LOWEST.exp())?;
    Ok(x.masked_fill(&tiny, 1.0)?.log()?.masked_fill(&tiny, LOWEST)?)
}
