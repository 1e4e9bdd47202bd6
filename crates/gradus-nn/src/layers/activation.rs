//! Elementwise functions as layers.

use gradus_autograd::Var;

use crate::{Ctx, Layer, Module, Result};

/// An elementwise function.
///
/// # Shapes
/// - `x`: any → the same
///
/// # Examples
/// ```
/// use gradus_nn::{Activation, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([-2.0, 3.0]));
/// let y = Activation::Relu.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [0.0, 3.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Module)]
#[non_exhaustive]
pub enum Activation {
    /// x
    Identity,
    /// max(x, 0)
    #[default]
    Relu,
    /// x if x > 0, else slope · x
    LeakyRelu(
        /// The slope below zero; PyTorch's default is 0.01.
        #[module(skip)]
        f64,
    ),
    /// x if x > 0, else α(eˣ − 1)
    Elu(
        /// α; PyTorch's default is 1.
        #[module(skip)]
        f64,
    ),
    /// x · Φ(x), with the normal distribution function
    Gelu,
    /// GPT-2's approximation of GELU by tanh
    GeluTanh,
    /// x · sigmoid(x), also called swish
    Silu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// tanh x
    Tanh,
    /// ln(1 + eˣ)
    Softplus,
}

impl Layer for Activation {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(match *self {
            Self::Identity => x.clone(),
            Self::Relu => x.relu()?,
            Self::LeakyRelu(slope) => x.leaky_relu(slope)?,
            Self::Elu(alpha) => x.elu(alpha)?,
            Self::Gelu => x.gelu()?,
            Self::GeluTanh => x.gelu_tanh()?,
            Self::Silu => x.silu()?,
            Self::Sigmoid => x.sigmoid()?,
            Self::Tanh => x.tanh()?,
            Self::Softplus => x.softplus()?,
        })
    }
}
