//! Squared error near zero, absolute error far away.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;
use crate::error::require;

/// d²/2 where |d| ≤ δ, else δ(|d| − δ/2), with d = x − y.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, `delta` is not above zero, or a mean is asked over nothing.
///
/// # Reference
/// Huber 1964, "Robust Estimation of a Location Parameter".
pub fn huber(x: &Var, target: &Var, delta: f64, reduction: Reduction) -> Result<Var> {
    same_shape("huber", x, target)?;
    require(delta.is_finite() && delta > 0.0, "huber", "delta", "finite and above zero", delta)?;
    let distance = x.sub(target)?.abs()?;
    let near = distance.clamp(0.0, delta)?;
    // c(|d| − c/2) with c = min(|d|, δ) is both branches at once. The factor that is clamped has
    // the gradient |d| − c, which is zero wherever c still moves.
    let losses = near.mul(&distance.sub(&near.mul_scalar(0.5)?)?)?;
    reduction.apply("huber", &losses)
}
