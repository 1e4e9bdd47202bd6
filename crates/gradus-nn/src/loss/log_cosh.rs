//! A smooth absolute error.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;

/// ln cosh(x − y): d²/2 near zero, |d| − ln 2 far away, smooth everywhere.
///
/// Computed as d + softplus(−2d) − ln 2, which does not overflow.
///
/// # Shapes
/// - `x`, `target`: the same shape
///
/// # Errors
/// If the shapes or dtypes differ, or a mean is asked over nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, log_cosh};
/// use gradus_nn::{Tensor, Var};
///
/// let x = Var::constant(Tensor::new([1.0, 1000.0]));
/// let losses = log_cosh(&x, &x.zeros_like(), Reduction::None)?.value().to_vec::<f32>()?;
/// assert!((losses[0] - 1f32.cosh().ln()).abs() < 1e-6 && losses[1] < 1000.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn log_cosh(x: &Var, target: &Var, reduction: Reduction) -> Result<Var> {
    same_shape("log_cosh", x, target)?;
    // d + softplus(−2d) is the same for d and −d, so the corner of |d| is not needed where it
    // would show: for d below zero softplus(−2d) takes over without overflow.
    let d = x.sub(target)?;
    let losses = d.add(&d.mul_scalar(-2.0)?.softplus()?)?.sub_scalar(std::f64::consts::LN_2)?;
    reduction.apply("log_cosh", &losses)
}
