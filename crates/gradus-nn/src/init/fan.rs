//! How many numbers a weight adds up, and how much a nonlinearity shrinks them.

use gradus_core::Shape;

use crate::{Error, Result};

/// Which count keeps its variance: of the activations or of the gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fan {
    /// The inputs of a unit: the forward pass keeps its variance.
    #[default]
    In,
    /// The outputs of a unit: the backward pass keeps its variance.
    Out,
}

impl Fan {
    /// This count of a weight.
    ///
    /// # Errors
    /// As [`fans`].
    pub fn of(self, shape: &Shape) -> Result<usize> {
        let (fan_in, fan_out) = fans(shape)?;
        Ok(match self {
            Self::In => fan_in,
            Self::Out => fan_out,
        })
    }
}

/// Inputs and outputs of a unit, for a weight `[out, in, kernel...]`.
///
/// # Errors
/// [`Error::InputShape`] if the weight has fewer than two dimensions, or no elements.
///
/// # Examples
/// ```
/// use gradus_nn::init::fans;
/// assert_eq!(fans(&[8, 4].into())?, (4, 8));
/// assert_eq!(fans(&[8, 4, 3, 3].into())?, (36, 72));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn fans(shape: &Shape) -> Result<(usize, usize)> {
    let expected = || "[out, in, ...] with elements".to_owned();
    if shape.rank() < 2 || shape.is_empty() {
        return Err(Error::InputShape { layer: "init", expected: expected(), got: shape.clone() });
    }
    let dims = shape.dims();
    let field: usize = dims[2..].iter().product();
    Ok((dims[1] * field, dims[0] * field))
}

/// A function whose effect on the variance is made good by a gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nonlinearity {
    /// x, and convolutions.
    Linear,
    /// The logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0).
    Relu,
    /// x above zero, slope · x below.
    LeakyRelu(f64),
    /// The self-normalising exponential linear unit.
    Selu,
}

impl Nonlinearity {
    /// The factor on the standard deviation, as `torch.nn.init.calculate_gain`.
    ///
    /// # Examples
    /// ```
    /// use gradus_nn::init::Nonlinearity;
    /// assert_eq!(Nonlinearity::Relu.gain(), 2f64.sqrt());
    /// ```
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => std::f64::consts::SQRT_2,
            Self::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
            Self::Selu => 0.75,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_empty_weights_have_no_fan() {
        assert!(fans(&[3].into()).is_err());
        assert!(fans(&[3, 0].into()).is_err());
    }

    #[test]
    fn a_leak_of_one_is_linear() {
        assert!((Nonlinearity::LeakyRelu(1.0).gain() - 1.0).abs() < 1e-15);
        assert!((Nonlinearity::LeakyRelu(0.0).gain() - Nonlinearity::Relu.gain()).abs() < 1e-15);
    }
}
