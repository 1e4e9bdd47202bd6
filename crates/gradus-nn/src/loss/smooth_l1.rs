//! Squared error near zero, absolute error far away, with slope one.

use gradus_autograd::Var;

use super::{Reduction, huber, l1};
use crate::Result;
use crate::error::require;

/// d²/2β where |d| < β, else |d| − β/2, with d = x − y: [`huber`] divided by β, and [`l1`] where β = 0.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, `beta` is negative or not finite, or a mean is asked over nothing.
///
/// # Reference
/// Girshick 2015, "Fast R-CNN", eq. 3.
pub fn smooth_l1(x: &Var, target: &Var, beta: f64, reduction: Reduction) -> Result<Var> {
    let valid = beta.is_finite() && beta >= 0.0;
    require(valid, "smooth_l1", "beta", "finite and not negative", beta)?;
    if beta == 0.0 {
        return l1(x, target, reduction);
    }
    Ok(huber(x, target, beta, reduction)?.div_scalar(beta)?)
}
