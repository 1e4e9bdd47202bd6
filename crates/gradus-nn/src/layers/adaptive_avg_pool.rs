//! The mean of as many windows as are asked for, as layers.

use gradus_autograd::Var;

use super::spatial::output_size;
use crate::{Ctx, Layer, Module, Result};

/// The mean of each of `size` windows that cover a sequence evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, T]` → `[B, C, size]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveAvgPool1d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 1],
}

impl AdaptiveAvgPool1d {
    /// `size` windows.
    pub const fn new(size: [usize; 1]) -> Self {
        Self { size: [Some(size[0])] }
    }
}

impl Layer for AdaptiveAvgPool1d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_avg_pool1d(output_size("AdaptiveAvgPool1d", x, self.size)?)?)
    }
}

/// The mean of each of `size` windows that cover an image evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C, size...]`
///
/// # Examples
/// The head of a convolutional network, for images of any size:
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{AdaptiveAvgPool2d, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::ones([2, 8, 7, 5], DType::F32)?);
/// let y = AdaptiveAvgPool2d::new([1, 1]).forward(&x, &mut Ctx::eval())?;
/// assert_eq!((y.dims(), y.value().mean(..)?.item()?), (&[2, 8, 1, 1][..], 1.0));
/// let y = AdaptiveAvgPool2d { size: [Some(3), None] }.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.dims(), &[2, 8, 3, 5]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveAvgPool2d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 2],
}

impl AdaptiveAvgPool2d {
    /// `size` windows.
    pub const fn new(size: [usize; 2]) -> Self {
        Self { size: [Some(size[0]), Some(size[1])] }
    }
}

impl Layer for AdaptiveAvgPool2d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_avg_pool2d(output_size("AdaptiveAvgPool2d", x, self.size)?)?)
    }
}

/// The mean of each of `size` windows that cover a volume evenly. `None` keeps an extent.
///
/// # Shapes
/// - `x`: `[B, C, D, H, W]` → `[B, C, size...]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct AdaptiveAvgPool3d {
    /// How many windows there are along each dimension; `None` for as many as there are elements.
    #[module(skip)]
    pub size: [Option<usize>; 3],
}

impl AdaptiveAvgPool3d {
    /// `size` windows.
    pub const fn new(size: [usize; 3]) -> Self {
        Self { size: [Some(size[0]), Some(size[1]), Some(size[2])] }
    }
}

impl Layer for AdaptiveAvgPool3d {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.adaptive_avg_pool3d(output_size("AdaptiveAvgPool3d", x, self.size)?)?)
    }
}
