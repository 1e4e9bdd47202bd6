//! Initialisation for self-normalising and linear units.

use gradus_core::{Key, Shape};
use gradus_tensor::Tensor;

use super::{Fan, kaiming_normal, kaiming_uniform};
use crate::Result;

/// Draws from N(0, 1/n), where n counts the inputs of a unit.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// LeCun et al. 1998, "Efficient BackProp", section 4.6.
pub fn lecun_normal(shape: impl Into<Shape>, key: Key) -> Result<Tensor> {
    kaiming_normal(shape, Fan::In, 1.0, key)
}

/// Draws from the uniform law with mean 0 and variance 1/n, where n counts the inputs
/// of a unit.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// LeCun et al. 1998, "Efficient BackProp", section 4.6.
pub fn lecun_uniform(shape: impl Into<Shape>, key: Key) -> Result<Tensor> {
    kaiming_uniform(shape, Fan::In, 1.0, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::check_moments;

    #[test]
    fn have_the_variance_of_the_fan() {
        check_moments(&lecun_normal([400, 10, 10], Key::new(1)).unwrap(), 0.0, 0.01);
        check_moments(&lecun_uniform([400, 10, 10], Key::new(2)).unwrap(), 0.0, 0.01);
    }
}
