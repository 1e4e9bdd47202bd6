//! Pooling of images and sequences as layers.

use gradus_autograd::Var;
use gradus_tensor::{Pool1dOptions, PoolOptions};

use crate::{Ctx, Layer, Module, Result};

/// The largest value of each window.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C, H', W']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Layer, MaxPool2d, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 16.0, 1.0, DType::F32)?.reshape([1, 1, 4, 4])?);
/// let y = MaxPool2d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [5.0, 7.0, 13.0, 15.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MaxPool2d {
    /// Kernel, stride and padding.
    #[module(skip)]
    pub options: PoolOptions,
}

impl MaxPool2d {
    /// Square windows of side `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: PoolOptions::new(kernel) }
    }
}

impl Layer for MaxPool2d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.max_pool2d(self.options)?)
    }
}

/// The mean of each window; padding counts as zeros, as in PyTorch.
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
    /// Kernel, stride and padding.
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

/// The largest value of each window of a sequence.
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, T']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Layer, MaxPool1d, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 4.0, 1.0, DType::F32)?.reshape([1, 1, 4])?);
/// let y = MaxPool1d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [1.0, 3.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MaxPool1d {
    /// Kernel, stride and padding.
    #[module(skip)]
    pub options: Pool1dOptions,
}

impl MaxPool1d {
    /// Windows of length `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: Pool1dOptions::new(kernel) }
    }
}

impl Layer for MaxPool1d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.max_pool1d(self.options)?)
    }
}

/// The mean of each window of a sequence; padding counts as zeros, as in PyTorch.
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, T']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Layer, AvgPool1d, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 4.0, 1.0, DType::F32)?.reshape([1, 1, 4])?);
/// let y = AvgPool1d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [0.5, 2.5]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct AvgPool1d {
    /// Kernel, stride and padding.
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
