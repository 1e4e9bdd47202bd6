//! Normalisation of each vector by its root mean square.

use gradus_autograd::{Param, Var};
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::layer_norm::check_channels;
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Configuration of an [`RmsNorm`].
#[derive(Debug, Clone, PartialEq)]
pub struct RmsNormConfig {
    /// Size of the last dimension.
    pub channels: usize,
    /// Added to the mean square, inside the root.
    pub eps: f64,
}

impl RmsNormConfig {
    /// `eps` 10⁻⁶, as Llama. (PyTorch's default is the machine epsilon of the dtype.)
    pub const fn new(channels: usize) -> Self {
        Self { channels, eps: 1e-6 }
    }

    /// Weight one.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `channels` is zero or `eps` is negative or not finite.
    pub fn init(&self) -> Result<RmsNorm> {
        let Self { channels, eps } = *self;
        require(channels > 0, "RmsNorm", "channels", "above zero", channels)?;
        require(eps.is_finite() && eps >= 0.0, "RmsNorm", "eps", "finite and not negative", eps)?;
        Ok(RmsNorm { weight: Param::new(Tensor::ones(channels, DType::F32)?), eps })
    }
}

/// Root mean square normalisation over the last dimension.
///
/// y = x / √(mean(x²) + eps) · weight
///
/// # Shapes
/// - `x`: `[..., C]`, `weight`: `[C]` → `[..., C]`
///
/// # Reference
/// Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4. `eps` is inside the root,
/// as in Llama.
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, RmsNorm, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[3.0, 4.0]]));
/// let y = RmsNorm::new(2)?.forward(&x, &mut Ctx::eval())?;
/// assert!((y.value().square()?.mean(-1)?.item()? - 1.0).abs() < 1e-5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct RmsNorm {
    /// Scale of each channel: `[C]`.
    pub weight: Param,
    /// Added to the mean square.
    #[module(skip)]
    pub eps: f64,
}

impl RmsNorm {
    /// A norm with [`RmsNormConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `channels` is zero.
    pub fn new(channels: usize) -> Result<Self> {
        RmsNormConfig::new(channels).init()
    }
}

impl Layer for RmsNorm {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        check_channels("RmsNorm", x, self.weight.len())?;
        Ok(x.rms_norm(Some(&self.weight.var()), self.eps)?)
    }
}
