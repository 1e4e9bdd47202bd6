//! Overlap of masks.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::error::require;
use crate::{Error, Result};

/// 1 − (2 Σ p·y + s) / (Σ p + Σ y + s) for each row of the batch, with the smoothing s: one minus the
/// Sørensen–Dice coefficient of a predicted mask and the true one.
///
/// The sums are over all dimensions but the first. For several classes give each its own row:
/// `[B · classes, ...]`.
///
/// # Shapes
/// - `probs`, `target`: `[B, ...]` → 0-d, or `[B]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes differ, `smooth` is not above zero, or a mean is asked over nothing.
///
/// # Reference
/// Milletari et al. 2016, "V-Net", eq. 1; without the squares in the denominator, as most do.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, dice};
/// use gradus_nn::{Tensor, Var};
///
/// let mask = Var::constant(Tensor::new([[1.0, 0.0, 1.0, 0.0]]));
/// assert_eq!(dice(&mask, &mask, 1.0, Reduction::Mean)?.item()?, 0.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn dice(probs: &Var, target: &Var, smooth: f64, reduction: Reduction) -> Result<Var> {
    same_shape("dice", probs, target)?;
    require(smooth > 0.0 && smooth.is_finite(), "dice", "smooth", "finite and above zero", smooth)?;
    let Some(&rows) = probs.dims().first() else {
        let (expected, got) = ("[B, ...]".to_owned(), probs.shape().clone());
        return Err(Error::InputShape { layer: "dice", expected, got });
    };
    let len: usize = probs.dims()[1..].iter().product();
    let (p, y) = (probs.reshape([rows, len])?, target.reshape([rows, len])?);
    let both = p.mul(&y)?.sum(-1)?.mul_scalar(2.0)?.add_scalar(smooth)?;
    let all = p.add(&y)?.sum(-1)?.add_scalar(smooth)?;
    reduction.apply("dice", &both.div(&all)?.neg()?.add_scalar(1.0)?)
}
