//! Distances of pairs.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::signs;
use crate::Result;
use crate::error::require;

/// The distance x itself for pairs that belong together (target 1), max(0, margin − x) for those that
/// do not (target −1).
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes differ, a target is neither 1 nor −1, `margin` is not finite, or a mean is asked over
/// nothing.
pub fn hinge_embedding(x: &Var, target: &Tensor, margin: f64, reduction: Reduction) -> Result<Var> {
    const NAME: &str = "hinge_embedding";
    require(margin.is_finite(), NAME, "margin", "finite", margin)?;
    let same = signs(NAME, target, x.shape())?;
    let far = x.neg()?.add_scalar(margin)?.relu()?;
    reduction.apply(NAME, &Var::where_cond(&same, x, &far)?)
}
