//! The loss of a model that gives log-probabilities.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::Classes;
use crate::Result;

/// Negative log-likelihood: minus the log-probability of the target.
///
/// # Shapes
/// - `log_probs`: `[..., C]`, `targets`: `[...]` of `i64` → 0-d, or `[...]` with
///   [`Reduction::None`]
///
/// # Errors
/// If the shapes do not fit, a target is not a class, or a mean is asked over nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, nll};
/// use gradus_nn::{Tensor, Var};
///
/// let log_probs = Var::constant(Tensor::new([[0.25, 0.75]]).log()?);
/// let loss = nll(&log_probs, &Tensor::new([0]), Reduction::Mean)?;
/// assert!((loss.item()? - 4f64.ln()).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn nll(log_probs: &Var, targets: &Tensor, reduction: Reduction) -> Result<Var> {
    let classes = Classes::new("nll", log_probs, targets, None)?;
    let n = classes.ids.len();
    let rows = log_probs.reshape([n, log_probs.size(-1)?])?; // (N, C)
    let picked = rows.gather(-1, &classes.ids.reshape([n, 1])?)?; // (N, 1)
    let losses = picked.neg()?.reshape(targets.shape())?;
    reduction.apply("nll", &losses)
}
