//! Initialisation for rectifiers.

use gradus_core::{Key, Shape};
use gradus_tensor::Tensor;

use super::{Fan, normal, uniform};
use crate::Result;

/// Draws from N(0, gain² / fan).
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// He et al. 2015, "Delving Deep into Rectifiers", eq. 10.
pub fn kaiming_normal(shape: impl Into<Shape>, fan: Fan, gain: f64, key: Key) -> Result<Tensor> {
    let shape = shape.into();
    let std = gain / (fan.of(&shape)? as f64).sqrt();
    normal(shape, 0.0, std, key)
}

/// Draws from U(−b, b) with b = gain · √(3 / fan), which has the variance gain² / fan.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// He et al. 2015, "Delving Deep into Rectifiers", eq. 10.
pub fn kaiming_uniform(shape: impl Into<Shape>, fan: Fan, gain: f64, key: Key) -> Result<Tensor> {
    let shape = shape.into();
    let bound = gain * (3.0 / fan.of(&shape)? as f64).sqrt();
    uniform(shape, -bound, bound, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Nonlinearity;
    use crate::init::statistics::check_moments;

    #[test]
    fn have_the_variance_of_the_fan() {
        let gain = Nonlinearity::Relu.gain();
        for (fan, count) in [(Fan::In, 50.0), (Fan::Out, 800.0)] {
            let variance = 2.0 / count;
            check_moments(
                &kaiming_normal([800, 50], fan, gain, Key::new(1)).unwrap(),
                0.0,
                variance,
            );
            check_moments(
                &kaiming_uniform([800, 50], fan, gain, Key::new(2)).unwrap(),
                0.0,
                variance,
            );
        }
    }
}
