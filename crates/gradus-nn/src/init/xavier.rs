//! Initialisation for symmetric units.

use gradus_core::{Key, Shape};
use gradus_tensor::Tensor;

use super::{fans, normal, uniform};
use crate::Result;

/// Draws from N(0, gain² · 2/(n + m)), where n counts the inputs of a unit and m the outputs.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
/// networks", eq. 12.
pub fn xavier_normal(shape: impl Into<Shape>, gain: f64, key: Key) -> Result<Tensor> {
    let shape = shape.into();
    let std = gain * variance(&shape)?.sqrt();
    normal(shape, 0.0, std, key)
}

/// Draws from U(−b, b) with b = gain · √(6/(n + m)), where n counts the inputs of a unit and m the
/// outputs.
///
/// # Errors
/// If the shape is not `[out, in, ...]` with elements.
///
/// # Reference
/// Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
/// networks", eq. 16.
pub fn xavier_uniform(shape: impl Into<Shape>, gain: f64, key: Key) -> Result<Tensor> {
    let shape = shape.into();
    let bound = gain * (3.0 * variance(&shape)?).sqrt();
    uniform(shape, -bound, bound, key)
}

fn variance(shape: &Shape) -> Result<f64> {
    let (fan_in, fan_out) = fans(shape)?;
    Ok(2.0 / (fan_in + fan_out) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::check_moments;

    #[test]
    fn have_the_variance_of_both_fans() {
        let variance = 4.0 * 2.0 / 500.0;
        check_moments(&xavier_normal([400, 100], 2.0, Key::new(1)).unwrap(), 0.0, variance);
        check_moments(&xavier_uniform([400, 100], 2.0, Key::new(2)).unwrap(), 0.0, variance);
    }
}
