//! Elementwise functions as layers.

use gradus_autograd::Var;

use crate::{Ctx, Layer, Module, Result};

/// An elementwise function without anything to learn. (For functions that learn see [`PRelu`](crate::PRelu), for those of
/// several elements [`Glu`](crate::Glu), [`Softmax`](crate::Softmax) and [`LogSoftmax`](crate::LogSoftmax).)
///
/// Where a function has a corner, its derivative is PyTorch's.
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
    /// min(max(x, 0), 6)
    Relu6,
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
    /// x if x > 0, else α(e^(x/α) − 1), which is smooth for every α
    Celu(
        /// α, above zero; PyTorch's default is 1.
        #[module(skip)]
        f64,
    ),
    /// λx if x > 0, else λα(eˣ − 1), with the constants that keep mean zero and variance one
    Selu,
    /// x · Φ(x), with the normal distribution function
    Gelu,
    /// GPT-2's approximation of GELU by tanh
    GeluTanh,
    /// x · sigmoid(1.702 x), CLIP's approximation of GELU
    QuickGelu,
    /// x · sigmoid(x), also called swish
    Silu,
    /// x · tanh(softplus(x))
    Mish,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// ln sigmoid(x)
    LogSigmoid,
    /// tanh x
    Tanh,
    /// ln(1 + eˣ)
    Softplus,
    /// x / (1 + |x|)
    Softsign,
    /// min(max(x/6 + ½, 0), 1)
    HardSigmoid,
    /// x · min(max(x/6 + ½, 0), 1)
    HardSwish,
    /// min(max(x, low), high); PyTorch's defaults are −1 and 1
    HardTanh {
        /// The least value.
        #[module(skip)]
        low: f64,
        /// The largest value.
        #[module(skip)]
        high: f64,
    },
    /// x if |x| > λ, else 0
    HardShrink(
        /// λ, not negative; PyTorch's default is 0.5.
        #[module(skip)]
        f64,
    ),
    /// x moved by λ towards 0, and 0 where |x| ≤ λ
    SoftShrink(
        /// λ, not negative; PyTorch's default is 0.5.
        #[module(skip)]
        f64,
    ),
    /// x − tanh x
    TanhShrink,
    /// x if x > threshold, else value
    Threshold {
        /// What x must exceed.
        #[module(skip)]
        threshold: f64,
        /// What stands in place of others.
        #[module(skip)]
        value: f64,
    },
}

/// SELU's λ and α, the fixed point of Klambauer et al. 2017, eq. 14.
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

impl Layer for Activation {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(match *self {
            Self::Identity => x.clone(),
            Self::Relu => x.relu()?,
            Self::Relu6 => between(x, 0.0, 6.0)?,
            Self::LeakyRelu(slope) => x.leaky_relu(slope)?,
            Self::Elu(alpha) => x.elu(alpha)?,
            Self::Celu(alpha) => x.div_scalar(alpha)?.elu(1.0)?.mul_scalar(alpha)?,
            Self::Selu => x.elu(SELU[1])?.mul_scalar(SELU[0])?,
            Self::Gelu => x.gelu()?,
            Self::GeluTanh => x.gelu_tanh()?,
            Self::QuickGelu => x.mul(&x.mul_scalar(1.702)?.sigmoid()?)?,
            Self::Silu => x.silu()?,
            Self::Mish => x.mul(&x.softplus()?.tanh()?)?,
            Self::Sigmoid => x.sigmoid()?,
            Self::LogSigmoid => x.neg()?.softplus()?.neg()?,
            Self::Tanh => x.tanh()?,
            Self::Softplus => x.softplus()?,
            Self::Softsign => x.div(&x.abs()?.add_scalar(1.0)?)?,
            Self::HardSigmoid => hard_sigmoid(x)?,
            Self::HardSwish => x.mul(&hard_sigmoid(x)?)?,
            Self::HardTanh { low, high } => between(x, low, high)?,
            Self::HardShrink(lambda) => x.masked_fill(&x.value().abs()?.le_scalar(lambda)?, 0.0)?,
            Self::SoftShrink(lambda) => x.sub(&x.clamp(-lambda, lambda)?)?,
            Self::TanhShrink => x.sub(&x.tanh()?)?,
            Self::Threshold { threshold, value } => {
                x.masked_fill(&x.value().le_scalar(threshold)?, value)?
            }
        })
    }
}

fn hard_sigmoid(x: &Var) -> Result<Var> {
    between(&x.div_scalar(6.0)?.add_scalar(0.5)?, 0.0, 1.0)
}

/// min(max(x, low), high) with derivative 0 on the bounds, where [`Var::clamp`] has 1. NaN stays.
fn between(x: &Var, low: f64, high: f64) -> Result<Var> {
    let x = x.masked_fill(&x.value().le_scalar(low)?, low)?;
    Ok(x.masked_fill(&x.value().ge_scalar(high)?, high)?)
}
