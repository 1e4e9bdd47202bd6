//! Counts.

use std::f64::consts::TAU;

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;
use crate::error::require;

/// Options of [`poisson_nll`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoissonNll {
    /// Whether the input is the logarithm of the rate, as a network gives it most easily.
    pub log_input: bool,
    /// Whether Stirling's approximation of ln y! is added for counts above 1, which has no gradient.
    pub full: bool,
    /// Added to the rate before its logarithm, where the input is the rate.
    pub eps: f64,
    /// What becomes of the losses of the elements.
    pub reduction: Reduction,
}

impl Default for PoissonNll {
    /// Logarithms of rates, without Stirling's term, `eps` 10⁻⁸, the mean: as PyTorch.
    fn default() -> Self {
        Self { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean }
    }
}

/// Negative log-likelihood of counts y under Poisson laws: eˣ − y·x of log-rates x, or x − y ln(x + eps)
/// of rates x; up to ln y!.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, `eps` is not above zero, or a mean is asked over nothing.
pub fn poisson_nll(x: &Var, target: &Var, options: PoissonNll) -> Result<Var> {
    const NAME: &str = "poisson_nll";
    let PoissonNll { log_input, full, eps, reduction } = options;
    same_shape(NAME, x, target)?;
    require(eps > 0.0 && eps.is_finite(), NAME, "eps", "finite and above zero", eps)?;
    let mut losses = if log_input {
        x.exp()?.sub(&target.mul(x)?)?
    } else {
        x.sub(&target.mul(&x.add_scalar(eps)?.log()?)?)?
    };
    if full {
        let small = target.value().le_scalar(1.0)?;
        let y = target.masked_fill(&small, 1.0)?;
        let stirling = y.mul(&y.log()?)?.sub(&y)?;
        let stirling = stirling.add(&y.mul_scalar(TAU)?.log()?.mul_scalar(0.5)?)?;
        losses = losses.add(&stirling.masked_fill(&small, 0.0)?)?;
    }
    reduction.apply(NAME, &losses)
}
