//! Windows as columns and back, as layers.

use gradus_autograd::Var;
use gradus_tensor::ConvOptions;

use crate::{Ctx, Layer, Module, Result};

/// The windows that a convolution sees as columns.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, C·kh·kw, L]` with a column per window, row by row
///
/// # Examples
/// A convolution is a product with the columns:
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{Conv2d, Ctx, Layer, Tensor, Unfold, Var};
///
/// let conv = Conv2d::new(2, 3, [2, 2], &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::randn([1, 2, 4, 4], DType::F32, Key::new(1))?);
/// let columns = Unfold::new([2, 2]).forward(&x, &mut Ctx::eval())?; // (1, 8, 9)
/// let product = conv.weight.var().reshape([3, 8])?.matmul(&columns)?;
/// let y = product.add(&conv.bias.as_ref().unwrap().var().reshape([3, 1])?)?;
/// let expected = conv.forward(&x, &mut Ctx::eval())?.reshape([1, 3, 9])?;
/// assert!(y.value().allclose(expected.value(), 1e-5, 1e-5)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct Unfold {
    /// Height and width of a window.
    #[module(skip)]
    pub kernel: [usize; 2],
    /// Stride, padding and dilation; one group.
    #[module(skip)]
    pub options: ConvOptions,
}

impl Unfold {
    /// Windows one step apart, without padding.
    pub fn new(kernel: [usize; 2]) -> Self {
        Self { kernel, options: ConvOptions::default() }
    }
}

impl Layer for Unfold {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.unfold(self.kernel, self.options)?)
    }
}

/// Columns added up where [`Unfold`] took them from.
///
/// # Shapes
/// - `x`: `[B, C·kh·kw, L]` → `[B, C, H, W]` for `size` `[H, W]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct Fold {
    /// Height and width of the output.
    #[module(skip)]
    pub size: [usize; 2],
    /// Height and width of a window.
    #[module(skip)]
    pub kernel: [usize; 2],
    /// Stride, padding and dilation; one group.
    #[module(skip)]
    pub options: ConvOptions,
}

impl Fold {
    /// Windows one step apart, without padding.
    pub fn new(size: [usize; 2], kernel: [usize; 2]) -> Self {
        Self { size, kernel, options: ConvOptions::default() }
    }
}

impl Layer for Fold {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.fold(self.size, self.kernel, self.options)?)
    }
}
