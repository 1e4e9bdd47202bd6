//! Angles between pairs of vectors.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::{same_shape, signs};
use crate::Result;
use crate::error::require;

/// Added to the squared lengths, as in PyTorch, so that a zero vector has the cosine 0.
const EPS: f64 = 1e-12;

/// 1 − cos(x₁, x₂) for pairs that belong together (target 1), max(0, cos(x₁, x₂) − margin) for those
/// that do not (target −1).
///
/// # Shapes
/// - `x1`, `x2`: `[..., C]`, `target`: `[...]` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes do not fit, a target is neither 1 nor −1, `margin` is not in `-1.0..=1.0`,
/// or a mean is asked over nothing.
pub fn cosine_embedding(
    x1: &Var,
    x2: &Var,
    target: &Tensor,
    margin: f64,
    reduction: Reduction,
) -> Result<Var> {
    const NAME: &str = "cosine_embedding";
    same_shape(NAME, x1, x2)?;
    require((-1.0..=1.0).contains(&margin), NAME, "margin", "in -1.0..=1.0", margin)?;
    let square = |x: &Var| x.square()?.sum(-1)?.add_scalar(EPS);
    let cos = x1.mul(x2)?.sum(-1)?.div(&square(x1)?.mul(&square(x2)?)?.sqrt()?)?;
    let same = signs(NAME, target, cos.shape())?;
    let near = cos.neg()?.add_scalar(1.0)?;
    let far = cos.sub_scalar(margin)?.relu()?;
    reduction.apply(NAME, &Var::where_cond(&same, &near, &far)?)
}
