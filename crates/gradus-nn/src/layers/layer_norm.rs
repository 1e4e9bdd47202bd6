//! Normalisation of each vector by its own mean and variance.

use gradus_autograd::{Param, Var};
use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Error, Layer, Module, Result};

/// Configuration of a [`LayerNorm`].
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNormConfig {
    /// Size of the last dimension.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Whether a learned vector is added.
    pub bias: bool,
}

impl LayerNormConfig {
    /// `eps` 10⁻⁵ and a bias, as PyTorch.
    pub const fn new(channels: usize) -> Self {
        Self { channels, eps: 1e-5, bias: true }
    }

    /// Weight one, bias zero.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero or `eps` is negative or not finite.
    pub fn init(&self) -> Result<LayerNorm> {
        let Self { channels, eps, bias } = *self;
        require(channels > 0, "LayerNorm", "channels", "above zero", channels)?;
        require(eps.is_finite() && eps >= 0.0, "LayerNorm", "eps", "finite and not negative", eps)?;
        let weight = Param::new(Tensor::ones(channels, DType::F32)?);
        let bias = if bias { Some(Param::new(Tensor::zeros(channels, DType::F32)?)) } else { None };
        Ok(LayerNorm { weight, bias, eps })
    }
}

/// Layer normalisation over the last dimension.
///
/// y = (x − mean) / √(var + eps) · weight + bias, with the biased variance.
///
/// # Shapes
/// - `x`: `[..., C]`, `weight`, `bias`: `[C]` → `[..., C]`
///
/// # Reference
/// Ba, Kiros & Hinton 2016, "Layer Normalization".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, LayerNorm, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[1.0, 2.0, 3.0, 4.0]]));
/// let y = LayerNorm::new(4)?.forward(&x, &mut Ctx::eval())?;
/// assert!(y.value().mean(-1)?.item()?.abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LayerNorm {
    /// Scale of each channel: `[C]`.
    pub weight: Param,
    /// Shift of each channel: `[C]`.
    pub bias: Option<Param>,
    /// Added to the variance.
    #[module(skip)]
    pub eps: f64,
}

impl LayerNorm {
    /// A norm with [`LayerNormConfig::new`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero.
    pub fn new(channels: usize) -> Result<Self> {
        LayerNormConfig::new(channels).init()
    }
}

impl Layer for LayerNorm {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        check_channels("LayerNorm", x, self.weight.len())?;
        let bias = self.bias.as_ref().map(Param::var);
        Ok(x.layer_norm(Some(&self.weight.var()), bias.as_ref(), self.eps)?)
    }
}

/// Checks the last dimension.
pub(super) fn check_channels(layer: &'static str, x: &Var, channels: usize) -> Result<()> {
    if x.dims().last() == Some(&channels) {
        return Ok(());
    }
    Err(Error::InputShape { layer, expected: format!("[..., {channels}]"), got: x.shape().clone() })
}
