//! Squared error.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// Squared error (x − y)².
///
/// # Shapes
/// - `x`, `target`: the same shape; nothing is broadcast, since that hides mistakes
///
/// # Errors
/// If the shapes or dtypes differ, or a mean is asked over nothing.
pub fn mse(x: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("mse", x, target)?;
    reduction.apply("mse", &x.sub(target)?.square()?)
}
