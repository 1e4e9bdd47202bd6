//! Cross-entropy of yes-or-no questions.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// Options of [`bce_with_logits`]; a [`Reduction`] alone will do as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct BceWithLogits<'a> {
    /// Factor of each element's loss, broadcast to the logits.
    pub weight: Option<&'a Tensor>,
    /// Factor of the answer "yes", broadcast to the logits: above 1 it finds more of the rare ones.
    pub pos_weight: Option<&'a Tensor>,
    /// What becomes of the losses of the elements. The mean divides by their number, not by weights.
    pub reduction: Reduction,
}

impl From<Reduction> for BceWithLogits<'_> {
    fn from(reduction: Reduction) -> Self {
        Self { reduction, ..Self::default() }
    }
}

/// Binary cross-entropy −y ln σ(x) − (1 − y) ln(1 − σ(x)) of logits x.
///
/// Computed as softplus(x) − x·y, which does not overflow; targets may be anything in `0..=1`. With
/// `pos_weight` p the first term is multiplied by p.
///
/// # Shapes
/// - `logits`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, a weight does not broadcast to the logits, or a mean is asked over
/// nothing.
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
pub fn bce_with_logits<'a>(
    logits: &Var,
    target: &Var,
    options: impl Into<BceWithLogits<'a>>,
) -> Result<Var> {
    same_shape("bce_with_logits", logits, target)?;
    let BceWithLogits { weight, pos_weight, reduction } = options.into();
    let mut losses = logits.softplus()?.sub(&logits.mul(target)?)?;
    if let Some(pos_weight) = pos_weight {
        // The term −y ln σ(x) = y softplus(−x) once more, p − 1 times.
        let more = Var::from(pos_weight.expand(logits.shape())?.sub_scalar(1.0)?);
        losses = losses.add(&target.mul(&logits.neg()?.softplus()?)?.mul(&more)?)?;
    }
    if let Some(weight) = weight {
        losses = losses.mul(&weight.expand(logits.shape())?.into())?;
    }
    reduction.apply("bce_with_logits", &losses)
}
