//! The hinge loss of more than two classes.

use gradus_autograd::Var;
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::{Classes, weights_of};
use crate::Result;
use crate::error::require;

/// Options of [`multi_margin`].
#[derive(Debug, Clone, Copy)]
pub struct MultiMargin<'a> {
    /// The power p of each shortfall, 1 or 2.
    pub p: u32,
    /// By how much the target's score should be above the others.
    pub margin: f64,
    /// Factor of each class: `[C]`.
    pub weight: Option<&'a Tensor>,
    /// What becomes of the losses of the targets. The mean divides by their number, not by weights.
    pub reduction: Reduction,
}

impl Default for MultiMargin<'_> {
    /// p = 1 and margin 1, no weights, the mean: as PyTorch.
    fn default() -> Self {
        Self { p: 1, margin: 1.0, weight: None, reduction: Reduction::Mean }
    }
}

/// Σ max(0, margin − x(target) + x(c))ᵖ / C over the classes c other than the target.
///
/// # Shapes
/// - `x`: `[..., C]`, `targets`: `[...]` of `i64` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes do not fit, a target is not a class, `p` is not 1 or 2, `margin` is not finite, or a
/// mean is asked over nothing.
///
/// # Reference
/// Crammer & Singer 2001, "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines".
pub fn multi_margin(x: &Var, targets: &Tensor, options: MultiMargin<'_>) -> Result<Var> {
    const NAME: &str = "multi_margin";
    let MultiMargin { p, margin, weight, reduction } = options;
    require(matches!(p, 1 | 2), NAME, "p", "1 or 2", p)?;
    require(margin.is_finite(), NAME, "margin", "finite", margin)?;
    Classes::new(NAME, x, targets, None)?;
    let classes = x.size(-1)?;
    let ids = targets.unsqueeze(-1)?;
    let all = Tensor::arange(0.0, classes as f64, 1.0, DType::I64)?;
    let own = x.gather(-1, &ids)?; // (..., 1)
    let mut short = x.sub(&own)?.add_scalar(margin)?.relu()?;
    if p == 2 {
        short = short.square()?;
    }
    let losses = short.masked_fill(&all.eq(&ids)?, 0.0)?.sum(-1)?.div_scalar(classes as f64)?;
    let losses = match weight {
        Some(weight) => losses.mul(&weights_of(NAME, weight, x, targets)?.into())?,
        None => losses,
    };
    reduction.apply(NAME, &losses)
}
