//! The norm of each window as layers.

use gradus_autograd::Var;
use gradus_tensor::{Pool1dOptions, Pool3dOptions, PoolOptions};

use crate::{Ctx, Layer, Module, Result};

/// (Σ |x|ᵖ)^(1/p) over each window of a sequence. PyTorch takes xᵖ instead, which differs below zero
/// unless p is even.
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, T']`
#[derive(Debug, Clone, Module)]
pub struct LpPool1d {
    /// The power, finite and above zero.
    #[module(skip)]
    pub p: f64,
    /// Kernel, stride, padding, dilation and rounding.
    #[module(skip)]
    pub options: Pool1dOptions,
}

impl LpPool1d {
    /// Windows of length `kernel` that do not overlap.
    pub const fn new(p: f64, kernel: usize) -> Self {
        Self { p, options: Pool1dOptions::new(kernel) }
    }
}

impl Layer for LpPool1d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.lp_pool1d(self.p, self.options)?)
    }
}

/// (Σ |x|ᵖ)^(1/p) over each window of an image. PyTorch takes xᵖ instead, which differs below zero
/// unless p is even.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C, H', W']`
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, LpPool2d, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[[[1.0, 1.0], [1.0, -1.0]]]]));
/// let y = LpPool2d::new(2.0, 2).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.item()?, 2.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LpPool2d {
    /// The power, finite and above zero.
    #[module(skip)]
    pub p: f64,
    /// Kernel, stride, padding, dilation and rounding.
    #[module(skip)]
    pub options: PoolOptions,
}

impl LpPool2d {
    /// Square windows of side `kernel` that do not overlap.
    pub const fn new(p: f64, kernel: usize) -> Self {
        Self { p, options: PoolOptions::new(kernel) }
    }
}

impl Layer for LpPool2d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.lp_pool2d(self.p, self.options)?)
    }
}

/// (Σ |x|ᵖ)^(1/p) over each window of a volume. PyTorch takes xᵖ instead, which differs below zero
/// unless p is even.
///
/// # Shapes
/// - `x`: `[B, C, D, H, W]` → `[B, C, D', H', W']`
#[derive(Debug, Clone, Module)]
pub struct LpPool3d {
    /// The power, finite and above zero.
    #[module(skip)]
    pub p: f64,
    /// Kernel, stride, padding, dilation and rounding.
    #[module(skip)]
    pub options: Pool3dOptions,
}

impl LpPool3d {
    /// Cubic windows of side `kernel` that do not overlap.
    pub const fn new(p: f64, kernel: usize) -> Self {
        Self { p, options: Pool3dOptions::new(kernel) }
    }
}

impl Layer for LpPool3d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.lp_pool3d(self.p, self.options)?)
    }
}
