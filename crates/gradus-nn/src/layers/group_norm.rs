//! Normalisation of groups of channels, each row on its own.

use gradus_autograd::{Param, Var};
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::channels::per_channel;
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Configuration of a [`GroupNorm`].
#[derive(Debug, Clone, PartialEq)]
pub struct GroupNormConfig {
    /// How many groups the channels fall into; divides them.
    pub n_groups: usize,
    /// Size of dimension 1.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Whether each channel has a learned scale and shift.
    pub affine: bool,
}

impl GroupNormConfig {
    /// `eps` 10⁻⁵, with scale and shift, as PyTorch.
    pub const fn new(n_groups: usize, channels: usize) -> Self {
        Self { n_groups, channels, eps: 1e-5, affine: true }
    }

    /// Weight one, bias zero.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `n_groups` is zero or does not divide `channels`, `channels` is
    /// zero, or `eps` is negative or not finite.
    pub fn init(&self) -> Result<GroupNorm> {
        const NAME: &str = "GroupNorm";
        let Self { n_groups, channels, eps, affine } = *self;
        require(channels > 0, NAME, "channels", "above zero", channels)?;
        let valid = n_groups > 0 && channels.is_multiple_of(n_groups);
        require(valid, NAME, "n_groups", "a divisor of channels", n_groups)?;
        require(eps.is_finite() && eps >= 0.0, NAME, "eps", "finite and not negative", eps)?;
        let param = |value: Result<Tensor, _>| value.map(Param::new);
        let (weight, bias) = if affine {
            let weight = param(Tensor::ones(channels, DType::F32))?;
            (Some(weight), Some(param(Tensor::zeros(channels, DType::F32))?))
        } else {
            (None, None)
        };
        Ok(GroupNorm { weight, bias, n_groups, channels, eps })
    }
}

/// Group normalisation: each row and group of channels by its own mean and biased variance.
///
/// y = (x − mean) / √(var + eps) · weight + bias, with weight and bias per channel. One group is layer
/// normalisation of the whole row, as many as channels is [`InstanceNorm`](crate::InstanceNorm).
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Reference
/// Wu & He 2018, "Group Normalization".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, GroupNorm, Layer, Tensor, Var};
///
/// let norm = GroupNorm::new(2, 4)?;
/// let x = Var::constant(Tensor::new([[1.0, 3.0, 10.0, 30.0]]));
/// let y = norm.forward(&x, &mut Ctx::eval())?;
/// assert!(y.value().allclose(&Tensor::new([[-1.0, 1.0, -1.0, 1.0]]), 0.0, 1e-4)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct GroupNorm {
    /// Scale of each channel: `[C]`.
    pub weight: Option<Param>,
    /// Shift of each channel: `[C]`.
    pub bias: Option<Param>,
    #[module(skip)]
    n_groups: usize,
    #[module(skip)]
    channels: usize,
    /// Added to the variance.
    #[module(skip)]
    pub eps: f64,
}

impl GroupNorm {
    /// A norm with [`GroupNormConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `n_groups` does not divide `channels`.
    pub fn new(n_groups: usize, channels: usize) -> Result<Self> {
        GroupNormConfig::new(n_groups, channels).init()
    }

    /// How many groups the channels fall into.
    pub fn n_groups(&self) -> usize {
        self.n_groups
    }
}

impl Layer for GroupNorm {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        per_channel("GroupNorm", x, self.channels)?;
        let (weight, bias) = (self.weight.as_ref(), self.bias.as_ref());
        let (weight, bias) = (weight.map(Param::var), bias.map(Param::var));
        Ok(x.group_norm(self.n_groups, weight.as_ref(), bias.as_ref(), self.eps)?)
    }
}
