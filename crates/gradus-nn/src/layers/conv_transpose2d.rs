//! Transposed convolution of images.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::ConvTransposeOptions;

use super::conv_init::{ConvShape, draw_transposed};
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Configuration of a [`ConvTranspose2d`].
#[derive(Debug, Clone, PartialEq)]
pub struct ConvTranspose2dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Step between the kernels of two inputs.
    pub stride: [usize; 2],
    /// Outputs dropped on both sides.
    pub padding: [usize; 2],
    /// Outputs added at the far side, below the stride.
    pub output_padding: [usize; 2],
    /// Distance between two taps of the kernel.
    pub dilation: [usize; 2],
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl ConvTranspose2dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: [usize; 2]) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: [1, 1],
            padding: [0, 0],
            output_padding: [0, 0],
            dilation: [1, 1],
            groups: 1,
            bias: true,
        }
    }

    /// Draws weight and bias from U(−1/√n, 1/√n), where n is `out_channels / groups` times the
    /// kernel's taps, as PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent, a stride or a dilation is zero, `groups` does
    /// not divide the channels, or the output padding is not below the stride.
    pub fn init(&self, keys: &mut Keys) -> Result<ConvTranspose2d> {
        let shape = ConvShape {
            layer: "ConvTranspose2d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &self.kernel,
            stride: &self.stride,
            dilation: &self.dilation,
            groups: self.groups,
        };
        let (weight, bias) = draw_transposed(&shape, keys)?;
        let fits = (0..2).all(|d| self.output_padding[d] < self.stride[d]);
        require(
            fits,
            "ConvTranspose2d",
            "output_padding",
            "below the stride",
            self.output_padding.as_slice(),
        )?;
        let options = ConvTransposeOptions {
            stride: self.stride,
            padding: self.padding,
            output_padding: self.output_padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(ConvTranspose2d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Transposed convolution of a batch of images with learned kernels: every input places a kernel,
/// times its value, into the output.
///
/// # Shapes
/// - `x`: `[B, in, H, W]`, `weight`: `[in, out/groups, kh, kw]`, `bias`: `[out]` →
///   `[B, out, H', W']` with
///   `H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + output_padding + 1`
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{ConvTranspose2dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = ConvTranspose2dConfig { stride: [2, 2], ..ConvTranspose2dConfig::new(4, 2, [2, 2]) };
/// let up = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 4, 5, 5], DType::F32)?);
/// assert_eq!(up.forward(&x, &mut Ctx::eval())?.dims(), &[1, 2, 10, 10]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ConvTranspose2d {
    /// `[in, out/groups, kh, kw]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, paddings, dilation and groups.
    #[module(skip)]
    pub options: ConvTransposeOptions,
}

impl ConvTranspose2d {
    /// A layer with [`ConvTranspose2dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: [usize; 2],
        keys: &mut Keys,
    ) -> Result<Self> {
        ConvTranspose2dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Layer for ConvTranspose2d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv_transpose2d(&self.weight.var(), bias.as_ref(), self.options)?;
        let outputs: usize = self.weight.value().dims()[1..].iter().product();
        ctx.count(2 * (x.len() * outputs) as u64);
        Ok(y)
    }
}
