//! Which of two scores is higher.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::{same_shape, signed};
use crate::Result;
use crate::error::require;

/// max(0, margin − y(x₁ − x₂)): x₁ should be above x₂ by the margin where y = 1, below it where y = −1.
///
/// # Shapes
/// - `x1`, `x2`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, a target is neither 1 nor −1, `margin` is not finite, or a mean is
/// asked over nothing.
pub fn margin_ranking(
    x1: &Var,
    x2: &Var,
    target: &Tensor,
    margin: f64,
    reduction: Reduction,
) -> Result<Var> {
    const NAME: &str = "margin_ranking";
    same_shape(NAME, x1, x2)?;
    require(margin.is_finite(), NAME, "margin", "finite", margin)?;
    let gain = signed(NAME, target, x1)?.mul(&x1.sub(x2)?)?;
    reduction.apply(NAME, &gain.neg()?.add_scalar(margin)?.relu()?)
}
