//! Logistic loss of labels 1 and −1.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::signed;
use crate::Result;

/// ln(1 + exp(−y·x)) of a score x and a label y of 1 or −1.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes differ, a target is neither 1 nor −1, or a mean is asked over nothing.
pub fn soft_margin(x: &Var, target: &Tensor, reduction: Reduction) -> Result<Var> {
    const NAME: &str = "soft_margin";
    let losses = signed(NAME, target, x)?.mul(x)?.neg()?.softplus()?;
    reduction.apply(NAME, &losses)
}
