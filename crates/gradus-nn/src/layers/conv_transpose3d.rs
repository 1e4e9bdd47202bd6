//! Transposed convolution of volumes.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::ConvTranspose3dOptions;

use super::conv_init::{ConvShape, draw_transposed};
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Configuration of a [`ConvTranspose3d`].
#[derive(Debug, Clone, PartialEq)]
pub struct ConvTranspose3dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Depth, height and width of the kernel.
    pub kernel: [usize; 3],
    /// Step between the kernels of two inputs.
    pub stride: [usize; 3],
    /// Outputs dropped on both sides.
    pub padding: [usize; 3],
    /// Outputs added at the far side, below the stride.
    pub output_padding: [usize; 3],
    /// Distance between two taps of the kernel.
    pub dilation: [usize; 3],
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl ConvTranspose3dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: [usize; 3]) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: [1; 3],
            padding: [0; 3],
            output_padding: [0; 3],
            dilation: [1; 3],
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
    pub fn init(&self, keys: &mut Keys) -> Result<ConvTranspose3d> {
        let shape = ConvShape {
            layer: "ConvTranspose3d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &self.kernel,
            stride: &self.stride,
            dilation: &self.dilation,
            groups: self.groups,
        };
        let (weight, bias) = draw_transposed(&shape, keys)?;
        let fits = (0..3).all(|d| self.output_padding[d] < self.stride[d]);
        require(
            fits,
            "ConvTranspose3d",
            "output_padding",
            "below the stride",
            self.output_padding.as_slice(),
        )?;
        let options = ConvTranspose3dOptions {
            stride: self.stride,
            padding: self.padding,
            output_padding: self.output_padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(ConvTranspose3d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Transposed convolution of a batch of volumes with learned kernels: every input places a kernel,
/// times its value, into the output.
///
/// # Shapes
/// - `x`: `[B, in, D, H, W]`, `weight`: `[in, out/groups, kd, kh, kw]`, `bias`: `[out]` →
///   `[B, out, D', H', W']` with
///   `D' = (D − 1)·stride − 2·padding + dilation·(kd − 1) + output_padding + 1`, and H' and W' likewise
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{ConvTranspose3dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = ConvTranspose3dConfig { stride: [2; 3], ..ConvTranspose3dConfig::new(4, 2, [2; 3]) };
/// let up = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 4, 3, 5, 5], DType::F32)?);
/// assert_eq!(up.forward(&x, &mut Ctx::eval())?.dims(), &[1, 2, 6, 10, 10]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ConvTranspose3d {
    /// `[in, out/groups, kd, kh, kw]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, paddings, dilation and groups.
    #[module(skip)]
    pub options: ConvTranspose3dOptions,
}

impl ConvTranspose3d {
    /// A layer with [`ConvTranspose3dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: [usize; 3],
        keys: &mut Keys,
    ) -> Result<Self> {
        ConvTranspose3dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Layer for ConvTranspose3d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv_transpose3d(&self.weight.var(), bias.as_ref(), self.options)?;
        let outputs: usize = self.weight.value().dims()[1..].iter().product();
        ctx.count(2 * (x.len() * outputs) as u64);
        Ok(y)
    }
}
