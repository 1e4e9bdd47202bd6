//! Yes-or-no questions that are mostly easy.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;
use crate::error::require;

/// Options of [`sigmoid_focal`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SigmoidFocal {
    /// Factor α of the answer "yes", in `0.0..=1.0`; "no" has 1 − α. `None` weighs both by one.
    pub alpha: Option<f64>,
    /// The exponent γ; 0 is the binary cross-entropy.
    pub gamma: f64,
    /// What becomes of the losses of the elements.
    pub reduction: Reduction,
}

impl Default for SigmoidFocal {
    /// α = 0.25 and γ = 2 as the paper and torchvision, the mean.
    fn default() -> Self {
        Self { alpha: Some(0.25), gamma: 2.0, reduction: Reduction::Mean }
    }
}

/// −α (1 − p)^γ ln p, where p is the probability σ(±x) of the true answer.
///
/// # Shapes
/// - `logits`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, an option is out of its range, or a mean is asked over nothing.
///
/// # Reference
/// Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 5.
pub fn sigmoid_focal(logits: &Var, target: &Var, options: SigmoidFocal) -> Result<Var> {
    const NAME: &str = "sigmoid_focal";
    let SigmoidFocal { alpha, gamma, reduction } = options;
    same_shape(NAME, logits, target)?;
    let valid = alpha.is_none_or(|alpha| (0.0..=1.0).contains(&alpha));
    require(valid, NAME, "alpha", "in 0.0..=1.0", alpha)?;
    require(gamma >= 0.0 && gamma.is_finite(), NAME, "gamma", "finite and not negative", gamma)?;
    let not = |x: &Var| x.neg()?.add_scalar(1.0);
    let mut losses = logits.softplus()?.sub(&logits.mul(target)?)?;
    if gamma > 0.0 {
        // 1 − p is σ(−x) for a yes and σ(x) for a no.
        let yes = logits.neg()?.sigmoid()?.mul(target)?;
        let missing = yes.add(&logits.sigmoid()?.mul(&not(target)?)?)?;
        losses = losses.mul(&missing.powf(gamma)?)?;
    }
    if let Some(alpha) = alpha {
        let factor = target.mul_scalar(2.0 * alpha - 1.0)?.add_scalar(1.0 - alpha)?;
        losses = losses.mul(&factor)?;
    }
    reduction.apply(NAME, &losses)
}
