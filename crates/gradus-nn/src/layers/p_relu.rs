//! Rectifiers with a slope below zero that is learned or drawn.

use gradus_autograd::{Param, Var};
use gradus_core::{DType, Kind};
use gradus_tensor::Tensor;

use super::channels::per_channel;
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// x if x > 0, else slope · x, with a learned slope for all channels or for each.
///
/// # Shapes
/// - `x`: any for one slope, `[B, C, ...]` for C → the same
///
/// # Reference
/// He et al. 2015, "Delving Deep into Rectifiers", eq. 1.
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, PRelu, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[-4.0, 3.0]]));
/// let y = PRelu::new(1)?.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [-1.0, 3.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct PRelu {
    /// The slope below zero: `[1]` or `[C]`.
    pub weight: Param,
}

impl PRelu {
    /// So many slopes of 0.25, as PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `slopes` is zero.
    pub fn new(slopes: usize) -> Result<Self> {
        require(slopes > 0, "PRelu", "slopes", "above zero", slopes)?;
        Ok(Self { weight: Param::new(Tensor::full(slopes, 0.25, DType::F32)?) })
    }
}

impl Layer for PRelu {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        let mut slope = self.weight.var();
        if slope.len() > 1 {
            slope = slope.reshape(per_channel("PRelu", x, slope.len())?)?;
        }
        sloped(x, &slope)
    }
}

/// x where x > 0, else slope · x.
fn sloped(x: &Var, slope: &Var) -> Result<Var> {
    let positive = x.value().gt_scalar(0.0)?;
    Ok(Var::where_cond(&positive, x, &x.mul(slope)?)?)
}

/// x if x > 0, else slope · x, with slopes drawn from U(low, high) in training and their mean in
/// evaluation.
///
/// # Shapes
/// - `x`: any → the same
///
/// # Reference
/// Xu et al. 2015, "Empirical Evaluation of Rectified Activations in Convolutional Network".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, RRelu, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([-8.0, 3.0]));
/// let y = RRelu::new(0.125, 0.375)?.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [-2.0, 3.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct RRelu {
    #[module(skip)]
    low: f64,
    #[module(skip)]
    high: f64,
}

impl RRelu {
    /// Slopes between two bounds; PyTorch's defaults are 1/8 and 1/3.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if the bounds are not finite or `low` is above `high`.
    pub fn new(low: f64, high: f64) -> Result<Self> {
        let valid = low.is_finite() && high.is_finite() && low <= high;
        require(valid, "RRelu", "low", "finite and not above high", (low, high))?;
        Ok(Self { low, high })
    }
}

impl Layer for RRelu {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let Self { low, high } = *self;
        if !ctx.is_train() {
            return Ok(x.leaky_relu(f64::midpoint(low, high))?);
        }
        let unit = Tensor::rand(x.shape(), x.dtype(), ctx.next_key()?.kind(Kind::Dropout))?;
        sloped(x, &unit.mul_scalar(high - low)?.add_scalar(low)?.into())
    }
}
