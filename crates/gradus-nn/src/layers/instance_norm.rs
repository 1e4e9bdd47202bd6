//! Normalisation of each channel of each row.

use gradus_autograd::{Buffer, Param, Var};
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::channels::{affine, per_channel};
use crate::error::require;
use crate::{Ctx, Error, Layer, Module, Result};

/// Configuration of an [`InstanceNorm`].
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceNormConfig {
    /// Size of dimension 1.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Whether each channel has a learned scale and shift.
    pub affine: bool,
    /// Weight of a new batch in running statistics, which an evaluation pass then takes; `None` keeps none
    /// and takes each row's own always.
    pub momentum: Option<f64>,
}

impl InstanceNormConfig {
    /// `eps` 10⁻⁵, without scale, shift and running statistics, as PyTorch.
    pub const fn new(channels: usize) -> Self {
        Self { channels, eps: 1e-5, affine: false, momentum: None }
    }

    /// Weight one, bias zero, running mean zero, running variance one.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero, `eps` is not above zero, or `momentum` is not in
    /// `0.0..=1.0`.
    pub fn init(&self) -> Result<InstanceNorm> {
        const NAME: &str = "InstanceNorm";
        let Self { channels, eps, momentum, .. } = *self;
        require(channels > 0, NAME, "channels", "above zero", channels)?;
        require(eps.is_finite() && eps > 0.0, NAME, "eps", "finite and above zero", eps)?;
        let valid = momentum.is_none_or(|m| (0.0..=1.0).contains(&m));
        require(valid, NAME, "momentum", "in 0.0..=1.0", momentum)?;
        let zeros = Tensor::zeros(channels, DType::F32)?;
        let ones = Tensor::ones(channels, DType::F32)?;
        let param = |value: &Tensor| self.affine.then(|| Param::new(value.clone()));
        let buffer = |value: &Tensor| momentum.map(|_| Buffer::new(value.clone()));
        Ok(InstanceNorm {
            weight: param(&ones),
            bias: param(&zeros),
            running_mean: buffer(&zeros),
            running_var: buffer(&ones),
            channels,
            eps,
            momentum,
        })
    }
}

/// Instance normalisation: each channel of each row by its own mean and biased variance, for any rank. As
/// PyTorch's `InstanceNorm1d`, `2d` and `3d`.
///
/// With running statistics a training pass moves them towards the batch's means of means and of
/// *unbiased* variances, and an evaluation pass takes them.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Errors
/// [`Error::SingleValue`] if a channel of a row has one value, whose variance is 0/0.
///
/// # Reference
/// Ulyanov et al. 2016, "Instance Normalization".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, InstanceNorm, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[[1.0, 3.0], [10.0, 30.0]]]));
/// let y = InstanceNorm::new(2)?.forward(&x, &mut Ctx::eval())?;
/// assert!(y.value().allclose(&Tensor::new([[[-1.0, 1.0], [-1.0, 1.0]]]), 0.0, 1e-4)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct InstanceNorm {
    /// Scale of each channel: `[C]`.
    pub weight: Option<Param>,
    /// Shift of each channel: `[C]`.
    pub bias: Option<Param>,
    /// Mean of each channel over the batches seen: `[C]`.
    pub running_mean: Option<Buffer>,
    /// Unbiased variance of each channel over the batches seen: `[C]`.
    pub running_var: Option<Buffer>,
    #[module(skip)]
    channels: usize,
    /// Added to the variance.
    #[module(skip)]
    pub eps: f64,
    /// Weight of a new batch in the running statistics.
    #[module(skip)]
    pub momentum: Option<f64>,
}

impl InstanceNorm {
    /// A norm with [`InstanceNormConfig::new`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero.
    pub fn new(channels: usize) -> Result<Self> {
        InstanceNormConfig::new(channels).init()
    }

    /// Moves the running statistics towards those of a batch.
    fn follow(&self, x: &Tensor) -> Result<()> {
        let (Some(mean), Some(var), Some(rate)) =
            (&self.running_mean, &self.running_var, self.momentum)
        else {
            return Ok(());
        };
        let flat = x.flatten(2, -1)?; // (B, C, N)
        let batch = [flat.mean(-1)?.mean(0)?, flat.var(-1, 1.0)?.mean(0)?];
        for (running, batch) in [mean, var].into_iter().zip(batch) {
            let old = running.value();
            let batch = batch.to_dtype(old.dtype())?.mul_scalar(rate)?;
            running.set(old.mul_scalar(1.0 - rate)?.add(&batch)?)?;
        }
        Ok(())
    }
}

impl Layer for InstanceNorm {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        const NAME: &str = "InstanceNorm";
        let shape = per_channel(NAME, x, self.channels)?;
        let y = match (&self.running_mean, &self.running_var) {
            (Some(mean), Some(var)) if !ctx.is_train() => {
                let mean = Var::from(mean.value().reshape(shape.as_slice())?);
                let scale = var.value().add_scalar(self.eps)?.rsqrt()?.reshape(shape)?;
                x.sub(&mean)?.mul(&scale.into())?
            }
            _ => {
                let values: usize = x.dims()[2..].iter().product();
                if values == 1 {
                    return Err(Error::SingleValue { layer: NAME, got: x.shape().clone() });
                }
                if ctx.is_train() && !x.is_empty() {
                    self.follow(x.value())?;
                }
                x.instance_norm(None, None, self.eps)?
            }
        };
        affine(&y, self.weight.as_ref(), self.bias.as_ref())
    }
}
