//! The uniform law.

use gradus_core::{DType, Key, Kind, Shape};
use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require;

/// Draws from U(low, high).
///
/// # Errors
/// If the bounds are not finite or `low` is above `high`.
pub fn uniform(shape: impl Into<Shape>, low: f64, high: f64, key: Key) -> Result<Tensor> {
    let valid = low.is_finite() && high.is_finite() && low <= high;
    require(valid, "init::uniform", "low", "finite and not above high", (low, high))?;
    // Scaled in f64 and rounded once, so that equal bounds and tiny ranges are exact too.
    let unit = Tensor::rand(shape, DType::F64, key.kind(Kind::Init))?;
    Ok(unit.mul_scalar(high - low)?.add_scalar(low)?.to_dtype(DType::F32)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::{N, check_moments};

    #[test]
    fn has_the_moments_of_the_law() {
        let x = uniform([N], -1.0, 3.0, Key::new(1)).unwrap();
        check_moments(&x, 1.0, 16.0 / 12.0);
        let v = x.to_vec::<f32>().unwrap();
        assert!(v.iter().all(|&v| (-1.0..=3.0).contains(&v)));
    }

    #[test]
    fn is_a_function_of_the_key() {
        let draw = |seed| uniform([8], 0.0, 1.0, Key::new(seed)).unwrap();
        assert!(draw(1).equal(&draw(1)));
        assert!(!draw(1).equal(&draw(2)));
    }

    #[test]
    fn refuses_bounds_out_of_order() {
        assert!(uniform([2], 1.0, 0.0, Key::new(1)).is_err());
        assert!(uniform([2], f64::NAN, 0.0, Key::new(1)).is_err());
    }
}
