//! Convolution of images.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::ConvOptions;

use super::conv_init::{ConvShape, draw};
use crate::{Ctx, Layer, Module, Result, Weighted};

/// Configuration of a [`Conv2d`].
#[derive(Debug, Clone, PartialEq)]
pub struct Conv2dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Step between two outputs.
    pub stride: [usize; 2],
    /// Zeros around the input, on both sides.
    pub padding: [usize; 2],
    /// Distance between two taps of the kernel.
    pub dilation: [usize; 2],
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl Conv2dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: [usize; 2]) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: [1, 1],
            padding: [0, 0],
            dilation: [1, 1],
            groups: 1,
            bias: true,
        }
    }

    /// Draws weight and bias from U(−1/√n, 1/√n), where n is the number of inputs of a unit, as
    /// PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent, a stride or a dilation is zero, or `groups`
    /// does not divide the channels.
    pub fn init(&self, keys: &mut Keys) -> Result<Conv2d> {
        let shape = ConvShape {
            layer: "Conv2d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &self.kernel,
            stride: &self.stride,
            dilation: &self.dilation,
            groups: self.groups,
        };
        let (weight, bias) = draw(&shape, keys)?;
        let options = ConvOptions {
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(Conv2d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Cross-correlation of a batch of images with learned kernels, which deep learning calls
/// convolution.
///
/// # Shapes
/// - `x`: `[B, in, H, W]`, `weight`: `[out, in/groups, kh, kw]`, `bias`: `[out]` →
///   `[B, out, H', W']` with H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1)/stride⌋ + 1
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Conv2dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = Conv2dConfig { padding: [1, 1], ..Conv2dConfig::new(1, 4, [3, 3]) };
/// let conv = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([2, 1, 8, 8], DType::F32)?);
/// assert_eq!(conv.forward(&x, &mut Ctx::eval())?.dims(), &[2, 4, 8, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Conv2d {
    /// `[out, in/groups, kh, kw]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, padding, dilation and groups.
    #[module(skip)]
    pub options: ConvOptions,
}

impl Conv2d {
    /// A layer with [`Conv2dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: [usize; 2],
        keys: &mut Keys,
    ) -> Result<Self> {
        Conv2dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Weighted for Conv2d {
    fn weight(&self) -> &Param {
        &self.weight
    }

    fn forward_with(&self, weight: &Var, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv2d(weight, bias.as_ref(), self.options)?;
        let inputs: usize = weight.dims()[1..].iter().product();
        ctx.count(2 * (y.len() * inputs) as u64);
        Ok(y)
    }
}

impl Layer for Conv2d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_with(&self.weight.var(), x, ctx)
    }
}
