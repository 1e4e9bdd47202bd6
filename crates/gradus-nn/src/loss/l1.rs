//! Absolute error.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// Absolute error |x − y|, with gradient 0 where the two are equal.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, or a mean is asked over nothing.
pub fn l1(x: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("l1", x, target)?;
    reduction.apply("l1", &x.sub(target)?.abs()?)
}
