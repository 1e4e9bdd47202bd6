//! Numbers with an uncertainty of their own.

use std::f64::consts::TAU;

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;
use crate::error::require;

/// Options of [`gaussian_nll`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianNll {
    /// Whether the constant ½ ln 2π is added.
    pub full: bool,
    /// Variances below this count as this, with the gradient they would have there.
    pub eps: f64,
    /// What becomes of the losses of the elements.
    pub reduction: Reduction,
}

impl Default for GaussianNll {
    /// Without the constant, `eps` 10⁻⁶, the mean: as PyTorch.
    fn default() -> Self {
        Self { full: false, eps: 1e-6, reduction: Reduction::Mean }
    }
}

/// Negative log-likelihood ½(ln v + (x − y)²/v) of y under normal laws of means x and variances v.
///
/// # Shapes
/// - `x`, `target`: the same shape; `var`: broadcasts to it
///
/// # Errors
/// If the shapes or dtypes do not fit, a variance is negative, `eps` is not above zero, or a mean is
/// asked over nothing.
///
/// # Reference
/// Nix & Weigend 1994, "Estimating the mean and variance of the target probability distribution".
pub fn gaussian_nll(x: &Var, target: &Var, var: &Var, options: GaussianNll) -> Result<Var> {
    const NAME: &str = "gaussian_nll";
    let GaussianNll { full, eps, reduction } = options;
    same_shape(NAME, x, target)?;
    require(eps > 0.0 && eps.is_finite(), NAME, "eps", "finite and above zero", eps)?;
    let negative = var.value().lt_scalar(0.0)?.any(..)?.item()? != 0.0;
    require(!negative, NAME, "var", "not negative", "a negative variance")?;
    let var = var.expand(x.shape())?;
    // Raised by a constant: a small variance keeps its gradient, so that it can grow again.
    let raised = var.value().clamp(eps, f64::INFINITY)?.sub(var.value())?;
    let var = var.add(&raised.into())?;
    let square = x.sub(target)?.square()?;
    let mut losses = var.log()?.add(&square.div(&var)?)?.mul_scalar(0.5)?;
    if full {
        losses = losses.add_scalar(0.5 * TAU.ln())?;
    }
    reduction.apply(NAME, &losses)
}
