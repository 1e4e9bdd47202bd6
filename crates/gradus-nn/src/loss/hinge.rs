//! The losses of support vector machines.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::signed;
use crate::Result;

/// max(0, 1 − y·x) of a score x and a label y of 1 or −1.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes differ, a target is neither 1 nor −1, or a mean is asked over nothing.
///
/// # Reference
/// Cortes & Vapnik 1995, "Support-Vector Networks".
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, hinge};
/// use gradus_nn::{Tensor, Var};
///
/// let scores = Var::constant(Tensor::new([2.0, 0.5, 0.5]));
/// let losses = hinge(&scores, &Tensor::new([1, 1, -1]), Reduction::None)?;
/// assert_eq!(losses.value().to_vec::<f32>()?, [0.0, 0.5, 1.5]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn hinge(x: &Var, target: &Tensor, reduction: Reduction) -> Result<Var> {
    reduction.apply("hinge", &shortfall("hinge", x, target)?)
}

/// max(0, 1 − y·x)²: as [`hinge`], but smooth.
///
/// # Errors
/// As [`hinge`].
pub fn squared_hinge(x: &Var, target: &Tensor, reduction: Reduction) -> Result<Var> {
    reduction.apply("squared_hinge", &shortfall("squared_hinge", x, target)?.square()?)
}

fn shortfall(name: &'static str, x: &Var, target: &Tensor) -> Result<Var> {
    Ok(signed(name, target, x)?.mul(x)?.neg()?.add_scalar(1.0)?.relu()?)
}
