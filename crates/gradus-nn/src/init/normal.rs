//! The normal law.

use gradus_core::{DType, Key, Kind, Shape};
use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require;

/// Draws from N(mean, std²).
///
/// # Errors
/// If `std` is negative, or one of the two not finite.
pub fn normal(shape: impl Into<Shape>, mean: f64, std: f64, key: Key) -> Result<Tensor> {
    require(mean.is_finite(), "init::normal", "mean", "finite", mean)?;
    require(std.is_finite() && std >= 0.0, "init::normal", "std", "finite, not negative", std)?;
    let unit = Tensor::randn(shape, DType::F64, key.kind(Kind::Init))?;
    Ok(unit.mul_scalar(std)?.add_scalar(mean)?.to_dtype(DType::F32)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::{N, check_moments};

    #[test]
    fn has_the_moments_of_the_law() {
        check_moments(&normal([N], 2.0, 0.5, Key::new(1)).unwrap(), 2.0, 0.25);
    }

    #[test]
    fn refuses_a_negative_deviation() {
        assert!(normal([2], 0.0, -1.0, Key::new(1)).is_err());
    }
}
