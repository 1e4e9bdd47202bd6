//! Normalisation of each channel by the batch.

use gradus_autograd::{Buffer, Param, Var};
use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Error, Layer, Module, Result};

/// Configuration of a [`BatchNorm`].
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNormConfig {
    /// Size of dimension 1.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Weight of the new batch in the running statistics; `None` for the plain average of all
    /// batches so far.
    pub momentum: Option<f64>,
}

impl BatchNormConfig {
    /// `eps` 10⁻⁵ and momentum 0.1, as PyTorch.
    pub const fn new(channels: usize) -> Self {
        Self { channels, eps: 1e-5, momentum: Some(0.1) }
    }

    /// Weight one, bias zero, running mean zero, running variance one.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero, `eps` is not above zero or `momentum` is
    /// not in `0.0..=1.0`.
    pub fn init(&self) -> Result<BatchNorm> {
        const NAME: &str = "BatchNorm";
        let Self { channels, eps, momentum } = *self;
        require(channels > 0, NAME, "channels", "above zero", channels)?;
        require(eps.is_finite() && eps > 0.0, NAME, "eps", "finite and above zero", eps)?;
        let valid = momentum.is_none_or(|m| (0.0..=1.0).contains(&m));
        require(valid, NAME, "momentum", "in 0.0..=1.0", momentum)?;
        let zeros = Tensor::zeros(channels, DType::F32)?;
        let ones = Tensor::ones(channels, DType::F32)?;
        Ok(BatchNorm {
            weight: Param::new(ones.clone()),
            bias: Param::new(zeros.clone()),
            running_mean: Buffer::new(zeros),
            running_var: Buffer::new(ones),
            num_batches_tracked: Buffer::new(Tensor::scalar(0i64)),
            eps,
            momentum,
        })
    }
}

/// Batch normalisation over all dimensions but the channels, for any rank.
///
/// y = (x − mean) / √(var + eps) · weight + bias. A training pass takes mean and biased variance
/// of the batch, and moves the running statistics towards the mean and the *unbiased* variance by
/// `momentum`; an evaluation pass takes the running statistics. As PyTorch's `BatchNorm1d`, `2d`
/// and `3d`.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Errors
/// [`Error::SingleValue`] in training if there is one value per channel: its variance is 0/0.
///
/// # Reference
/// Ioffe & Szegedy 2015, "Batch Normalization".
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_nn::{BatchNorm, Ctx, Layer, Tensor, Var};
///
/// let norm = BatchNorm::new(2)?;
/// let x = Var::constant(Tensor::new([[1.0, 10.0], [3.0, 30.0]]));
/// let y = norm.forward(&x, &mut Ctx::train(Key::new(7)))?;
/// assert!(y.value().allclose(&Tensor::new([[-1.0, -1.0], [1.0, 1.0]]), 0.0, 1e-4)?);
/// assert!(norm.running_mean.value().allclose(&Tensor::new([0.2, 2.0]), 0.0, 1e-6)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct BatchNorm {
    /// Scale of each channel: `[C]`.
    pub weight: Param,
    /// Shift of each channel: `[C]`.
    pub bias: Param,
    /// Mean of each channel over the batches seen: `[C]`.
    pub running_mean: Buffer,
    /// Unbiased variance of each channel over the batches seen: `[C]`.
    pub running_var: Buffer,
    /// How many batches were seen: 0-d, `i64`.
    pub num_batches_tracked: Buffer,
    /// Added to the variance.
    #[module(skip)]
    pub eps: f64,
    /// Weight of the new batch in the running statistics.
    #[module(skip)]
    pub momentum: Option<f64>,
}

impl BatchNorm {
    /// A norm with [`BatchNormConfig::new`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero.
    pub fn new(channels: usize) -> Result<Self> {
        BatchNormConfig::new(channels).init()
    }

    /// Mean and biased variance of a batch, `[1, C, 1, ...]`; the running ones follow.
    fn learn(&self, x: &Var) -> Result<(Var, Var)> {
        let channels = x.dims()[1];
        let count = x.len() / channels.max(1);
        if count < 2 {
            return Err(Error::SingleValue { layer: "BatchNorm", got: x.shape().clone() });
        }
        let others: Vec<usize> = (0..x.rank()).filter(|&dim| dim != 1).collect();
        let mean = x.mean_keepdim(others.as_slice())?;
        let var = x.sub(&mean)?.square()?.mean_keepdim(others.as_slice())?;

        let seen = self.num_batches_tracked.value().item()? as i64 + 1;
        let rate = self.momentum.unwrap_or(1.0 / seen as f64);
        let unbiased = count as f64 / (count as f64 - 1.0);
        follow(&self.running_mean, mean.value(), rate)?;
        follow(&self.running_var, &var.value().mul_scalar(unbiased)?, rate)?;
        self.num_batches_tracked.set(Tensor::scalar(seen))?;
        Ok((mean, var))
    }
}

/// running ← (1 − rate) · running + rate · batch
fn follow(running: &Buffer, batch: &Tensor, rate: f64) -> Result<()> {
    let old = running.value();
    let batch = batch.reshape(old.shape())?;
    Ok(running.set(old.mul_scalar(1.0 - rate)?.add(&batch.mul_scalar(rate)?)?)?)
}

impl Layer for BatchNorm {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let channels = self.weight.value().len();
        if x.rank() < 2 || x.dims()[1] != channels {
            let expected = format!("[B, {channels}, ...]");
            return Err(Error::InputShape { layer: "BatchNorm", expected, got: x.shape().clone() });
        }
        let mut per_channel = vec![1; x.rank()];
        per_channel[1] = channels;
        let per_channel = per_channel.as_slice(); // (1, C, 1, ...)
        let (mean, var) = if ctx.is_train() {
            self.learn(x)?
        } else {
            let constant = |buffer: &Buffer| buffer.value().reshape(per_channel).map(Var::constant);
            (constant(&self.running_mean)?, constant(&self.running_var)?)
        };
        let scale = var.add_scalar(self.eps)?.rsqrt()?;
        let scale = scale.mul(&self.weight.var().reshape(per_channel)?)?;
        let bias = self.bias.var().reshape(per_channel)?;
        Ok(x.sub(&mean)?.mul(&scale)?.add(&bias)?)
    }
}
