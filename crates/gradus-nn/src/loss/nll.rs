//! The loss of a model that gives log-probabilities.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Reduction;
use super::targets::Classes;
use crate::Result;

/// Options of [`nll`]; a [`Reduction`] alone will do as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nll<'a> {
    /// Factor of each class: `[C]`. A mean is then weighted by the factors.
    pub weight: Option<&'a Tensor>,
    /// A target that does not count: its loss is 0, and a mean is over the others.
    pub ignore_index: Option<i64>,
    /// What becomes of the losses of the targets.
    pub reduction: Reduction,
}

impl From<Reduction> for Nll<'_> {
    fn from(reduction: Reduction) -> Self {
        Self { reduction, ..Self::default() }
    }
}

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
pub fn nll<'a>(log_probs: &Var, targets: &Tensor, options: impl Into<Nll<'a>>) -> Result<Var> {
    const NAME: &str = "nll";
    let Nll { weight, ignore_index, reduction } = options.into();
    let classes = Classes::new(NAME, log_probs, targets, ignore_index)?;
    let n = classes.ids.len();
    let rows = log_probs.reshape([n, log_probs.size(-1)?])?; // (N, C)
    let hidden = classes.hidden()?;
    let ids = match &hidden {
        Some(hidden) => classes.ids.masked_fill(hidden, 0.0)?,
        None => classes.ids.clone(),
    };
    let mut losses = rows.gather(-1, &ids.reshape([n, 1])?)?.neg()?.reshape([n])?;
    if let Some(hidden) = &hidden {
        losses = losses.masked_fill(hidden, 0.0)?;
    }
    let Some(weight) = weight else {
        return reduction.apply_counted(NAME, &losses.reshape(targets.shape())?, classes.count);
    };
    let factors = classes.factors(NAME, weight, log_probs)?;
    let total = factors.sum(..)?.item()?;
    let losses = losses.mul(&factors.into())?.reshape(targets.shape())?;
    reduction.apply_weighted(NAME, &losses, total)
}
