//! Classification where most examples are easy.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::{Classes, weights_of};
use crate::Result;
use crate::error::require;

/// Options of [`focal`].
#[derive(Debug, Clone, Copy)]
pub struct Focal<'a> {
    /// The exponent γ; 0 is the cross-entropy.
    pub gamma: f64,
    /// Factor α of each class: `[C]`.
    pub weight: Option<&'a Tensor>,
    /// What becomes of the losses of the targets. The mean divides by their number, not by weights.
    pub reduction: Reduction,
}

impl Default for Focal<'_> {
    /// γ = 2, no weights, the mean.
    fn default() -> Self {
        Self { gamma: 2.0, weight: None, reduction: Reduction::Mean }
    }
}

/// −(1 − p)^γ ln p, where p is the target's probability in softmax(logits).
///
/// # Shapes
/// - `logits`: `[..., C]`, `targets`: `[...]` of `i64` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes do not fit, a target is not a class, `gamma` is negative or not finite, or a mean is
/// asked over nothing.
///
/// # Reference
/// Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 4, for more than two classes.
pub fn focal(logits: &Var, targets: &Tensor, options: Focal<'_>) -> Result<Var> {
    const NAME: &str = "focal";
    let Focal { gamma, weight, reduction } = options;
    require(gamma >= 0.0 && gamma.is_finite(), NAME, "gamma", "finite and not negative", gamma)?;
    Classes::new(NAME, logits, targets, None)?;
    let losses = logits.cross_entropy(targets)?; // −ln p
    let mut focused = losses.clone();
    if gamma > 0.0 {
        // Where rounding leaves a loss a hair below zero, 1 − p would be too, and have no power.
        let missing = losses.clamp(0.0, f64::INFINITY)?.neg()?.expm1()?.neg()?;
        focused = missing.powf(gamma)?.mul(&losses)?;
    }
    if let Some(weight) = weight {
        let factors = weights_of(NAME, weight, logits, targets)?;
        focused = focused.mul(&factors.into())?;
    }
    reduction.apply(NAME, &focused)
}
