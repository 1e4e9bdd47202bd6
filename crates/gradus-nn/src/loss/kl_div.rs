//! Kullback–Leibler divergence.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// y(ln y − x) of log-probabilities x and target probabilities y; 0 where y = 0.
///
/// The divergence of two distributions is the *sum* of this over the last dimension.
/// [`Reduction::Mean`] divides by the number of elements, as PyTorch's `reduction="mean"`; for the
/// mean divergence of a batch (`"batchmean"`) take the sum and divide by the batch size.
///
/// # Shapes
/// - `log_probs`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, or a mean is asked over nothing.
pub fn kl_div(log_probs: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("kl_div", log_probs, target)?;
    // Where y = 0 the logarithm is taken of 1, so that neither value nor gradient is NaN.
    let zero = target.value().eq_scalar(0.0)?;
    let entropy = target.mul(&target.masked_fill(&zero, 1.0)?.log()?)?;
    let cross = target.mul(log_probs)?.masked_fill(&zero, 0.0)?;
    reduction.apply("kl_div", &entropy.sub(&cross)?)
}

/// eᵗ(t − x) of log-probabilities x and the logarithms t of the target probabilities, as PyTorch's
/// `log_target=True`; 0 where t = −∞.
///
/// # Shapes
/// - `log_probs`, `log_target`: the same shape
///
/// # Errors
/// As [`kl_div`].
pub fn kl_div_log(log_probs: &Var, log_target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("kl_div_log", log_probs, log_target)?;
    let zero = log_target.value().eq_scalar(f64::NEG_INFINITY)?;
    let [x, t] = [log_probs, log_target].map(|x| x.masked_fill(&zero, 0.0));
    let (x, t) = (x?, t?);
    let losses = t.exp()?.mul(&t.sub(&x)?)?.masked_fill(&zero, 0.0)?;
    reduction.apply("kl_div_log", &losses)
}
