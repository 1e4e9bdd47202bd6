//! The largest of each window as layers.

use gradus_autograd::Var;
use gradus_tensor::{Pool1dOptions, Pool3dOptions, PoolOptions};

use crate::{Ctx, Layer, Module, Result};

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
    /// Kernel, stride, padding, dilation, rounding.
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

/// The largest value of each window of an image.
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
    /// Kernel, stride, padding, dilation, rounding.
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

/// The largest value of each window of a volume.
///
/// # Shapes
/// - `x`: `[B, C, D, H, W]` → `[B, C, D', H', W']`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Layer, MaxPool3d, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 8.0, 1.0, DType::F32)?.reshape([1, 1, 2, 2, 2])?);
/// let y = MaxPool3d::new(2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.item()?, 7.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MaxPool3d {
    /// Kernel, stride, padding, dilation, rounding.
    #[module(skip)]
    pub options: Pool3dOptions,
}

impl MaxPool3d {
    /// Cubic windows of side `kernel` that do not overlap.
    pub const fn new(kernel: usize) -> Self {
        Self { options: Pool3dOptions::new(kernel) }
    }
}

impl Layer for MaxPool3d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.max_pool3d(self.options)?)
    }
}
