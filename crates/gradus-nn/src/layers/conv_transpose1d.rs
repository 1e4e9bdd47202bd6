//! Transposed convolution of sequences.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::ConvTranspose1dOptions;

use super::conv_init::{ConvShape, draw_transposed};
use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Configuration of a [`ConvTranspose1d`].
#[derive(Debug, Clone, PartialEq)]
pub struct ConvTranspose1dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Length of the kernel.
    pub kernel: usize,
    /// Step between the kernels of two inputs.
    pub stride: usize,
    /// Outputs dropped on both sides.
    pub padding: usize,
    /// Outputs added at the far side, below the stride.
    pub output_padding: usize,
    /// Distance between two taps of the kernel.
    pub dilation: usize,
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl ConvTranspose1dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: usize) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: 1,
            padding: 0,
            output_padding: 0,
            dilation: 1,
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
    pub fn init(&self, keys: &mut Keys) -> Result<ConvTranspose1d> {
        let shape = ConvShape {
            layer: "ConvTranspose1d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &[self.kernel],
            stride: &[self.stride],
            dilation: &[self.dilation],
            groups: self.groups,
        };
        let (weight, bias) = draw_transposed(&shape, keys)?;
        let fits = self.output_padding < self.stride;
        require(
            fits,
            "ConvTranspose1d",
            "output_padding",
            "below the stride",
            self.output_padding,
        )?;
        let options = ConvTranspose1dOptions {
            stride: self.stride,
            padding: self.padding,
            output_padding: self.output_padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(ConvTranspose1d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Transposed convolution of a batch of sequences with learned kernels: every input places a kernel,
/// times its value, into the output.
///
/// # Shapes
/// - `x`: `[B, in, T]`, `weight`: `[in, out/groups, k]`, `bias`: `[out]` → `[B, out, T']` with
///   `T' = (T − 1)·stride − 2·padding + dilation·(k − 1) + output_padding + 1`
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{ConvTranspose1dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = ConvTranspose1dConfig { stride: 2, ..ConvTranspose1dConfig::new(4, 2, 2) };
/// let up = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 4, 5], DType::F32)?);
/// assert_eq!(up.forward(&x, &mut Ctx::eval())?.dims(), &[1, 2, 10]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ConvTranspose1d {
    /// `[in, out/groups, k]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, paddings, dilation and groups.
    #[module(skip)]
    pub options: ConvTranspose1dOptions,
}

impl ConvTranspose1d {
    /// A layer with [`ConvTranspose1dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
        keys: &mut Keys,
    ) -> Result<Self> {
        ConvTranspose1dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Layer for ConvTranspose1d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv_transpose1d(&self.weight.var(), bias.as_ref(), self.options)?;
        let outputs: usize = self.weight.value().dims()[1..].iter().product();
        ctx.count(2 * (x.len() * outputs) as u64);
        Ok(y)
    }
}
