//! The mean of each window as layers.

use gradus_autograd::Var;
use gradus_tensor::{Pool1dOptions, Pool3dOptions, PoolOptions};

use crate::{Ctx, Layer, Module, Result};

/// The mean of each window of a sequence; padding counts as zeros, as in PyTorch, unless the
/// divisor is [`PoolDivisor::Inside`](gradus_tensor::PoolDivisor::Inside).
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, T']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{AvgPool1d, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 4.0, 1.0, DType::F32)?.reshape([1, 1, 4])?);
/// let y = AvgPool1d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [0.5, 2.5]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct AvgPool1d {
    /// Kernel, stride, padding, dilation, rounding and divisor.
    #[module(skip)]
    pub options: Pool1dOptions,
}

impl AvgPool1d {
    /// Windows of length `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: Pool1dOptions::new(kernel) }
    }
}

impl Layer for AvgPool1d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.avg_pool1d(self.options)?)
    }
}

/// The mean of each window of an image; padding counts as zeros, as in PyTorch, unless the
/// divisor is [`PoolDivisor::Inside`](gradus_tensor::PoolDivisor::Inside).
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C, H', W']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{AvgPool2d, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 16.0, 1.0, DType::F32)?.reshape([1, 1, 4, 4])?);
/// let y = AvgPool2d::new(4).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.item()?, 7.5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct AvgPool2d {
    /// Kernel, stride, padding, dilation, rounding and divisor.
    #[module(skip)]
    pub options: PoolOptions,
}

impl AvgPool2d {
    /// Square windows of side `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: PoolOptions::new(kernel) }
    }
}

impl Layer for AvgPool2d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.avg_pool2d(self.options)?)
    }
}

/// The mean of each window of a volume; padding counts as zeros, as in PyTorch, unless the
/// divisor is [`PoolDivisor::Inside`](gradus_tensor::PoolDivisor::Inside).
///
/// # Shapes
/// - `x`: `[B, C, D, H, W]` → `[B, C, D', H', W']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{AvgPool3d, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 8.0, 1.0, DType::F32)?.reshape([1, 1, 2, 2, 2])?);
/// let y = AvgPool3d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.item()?, 3.5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct AvgPool3d {
    /// Kernel, stride, padding, dilation, rounding and divisor.
    #[module(skip)]
    pub options: Pool3dOptions,
}

impl AvgPool3d {
    /// Cubic windows of side `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: Pool3dOptions::new(kernel) }
    }
}

impl Layer for AvgPool3d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.avg_pool3d(self.options)?)
    }
}
