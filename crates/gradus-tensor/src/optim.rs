//! Updates of many parameters in one pass, for optimizers.
//!
//! [`update`] moves slices, which [`Tensor::make_mut`] and [`Tensor::as_slice`] give, by the [`Rule`] of
//! each parameter; [`sum_of_squares`] measures a gradient.

pub use gradus_cpu::math::Real;
pub use gradus_cpu::optim::{Rule, Slices, update};

use crate::{DType, Result, Tensor};

/// Σ x², in `f64`, where squares of finite `f32` neither overflow nor vanish.
///
/// # Errors
/// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
///
/// # Examples
/// ```
/// use gradus_tensor::{Tensor, optim::sum_of_squares};
/// assert_eq!(sum_of_squares(&Tensor::new([3.0, -4.0]))?, 25.0);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
pub fn sum_of_squares(x: &Tensor) -> Result<f64> {
    match x.dtype() {
        DType::F64 => Ok(gradus_cpu::optim::sum_of_squares::<f64>(&x.elements())),
        DType::F32 => Ok(gradus_cpu::optim::sum_of_squares::<f32>(&x.elements())),
        DType::BF16 => sum_of_squares(&x.to_dtype(DType::F32)?),
        got => Err(crate::dtypes::unsupported("sum_of_squares", "a float", got)),
    }
}
