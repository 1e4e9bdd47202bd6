//! The largest value of as many windows as are asked for, as layers.

use gradus_autograd::Var;

use super::spatial::output_size;
use crate::{Ctx, Layer, Module, Result};

/// The largest value of each of `size` windows that cover a sequence evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, size]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveMaxPool1d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 1],
}

impl AdaptiveMaxPool1d {
    /// `size` windows.
    pub const fn new(size: [usize; 1]) -> Self {
        Self { size: [Some(size[0])] }
    }
}

impl Layer for AdaptiveMaxPool1d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_max_pool1d(output_size("AdaptiveMaxPool1d", x, self.size)?)?)
    }
}

/// The largest value of each of `size` windows that cover an image evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C, size...]`
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{AdaptiveMaxPool2d, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::arange(0.0, 9.0, 1.0, DType::F32)?.reshape([1, 1, 3, 3])?);
/// let y = AdaptiveMaxPool2d::new([2, 2]).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [4.0, 5.0, 7.0, 8.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveMaxPool2d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 2],
}

impl AdaptiveMaxPool2d {
    /// `size` windows.
    pub const fn new(size: [usize; 2]) -> Self {
        Self { size: [Some(size[0]), Some(size[1])] }
    }
}

impl Layer for AdaptiveMaxPool2d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_max_pool2d(output_size("AdaptiveMaxPool2d", x, self.size)?)?)
    }
}

/// The largest value of each of `size` windows that cover a volume evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, D, H, W]` → `[B, C, size...]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveMaxPool3d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 3],
}

impl AdaptiveMaxPool3d {
    /// `size` windows.
    pub const fn new(size: [usize; 3]) -> Self {
        Self { size: [Some(size[0]), Some(size[1]), Some(size[2])] }
    }
}

impl Layer for AdaptiveMaxPool3d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_max_pool3d(output_size("AdaptiveMaxPool3d", x, self.size)?)?)
    }
}
