//! Convolution of volumes.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::Conv3dOptions;

use super::conv_init::{ConvShape, draw};
use crate::{Ctx, Layer, Module, Result, Weighted};

/// Configuration of a [`Conv3d`].
#[derive(Debug, Clone, PartialEq)]
pub struct Conv3dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Depth, height and width of the kernel.
    pub kernel: [usize; 3],
    /// Step between two outputs.
    pub stride: [usize; 3],
    /// Zeros around the input, on both sides.
    pub padding: [usize; 3],
    /// Distance between two taps of the kernel.
    pub dilation: [usize; 3],
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl Conv3dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: [usize; 3]) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: [1; 3],
            padding: [0; 3],
            dilation: [1; 3],
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
    pub fn init(&self, keys: &mut Keys) -> Result<Conv3d> {
        let shape = ConvShape {
            layer: "Conv3d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &self.kernel,
            stride: &self.stride,
            dilation: &self.dilation,
            groups: self.groups,
        };
        let (weight, bias) = draw(&shape, keys)?;
        let options = Conv3dOptions {
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(Conv3d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Cross-correlation of a batch of volumes with learned kernels, which deep learning calls
/// convolution.
///
/// # Shapes
/// - `x`: `[B, in, D, H, W]`, `weight`: `[out, in/groups, kd, kh, kw]`, `bias`: `[out]` →
///   `[B, out, D', H', W']` with D' = ⌊(D + 2·padding − dilation·(kd − 1) − 1)/stride⌋ + 1, and H' and
///   W' likewise
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Conv3dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = Conv3dConfig { padding: [1; 3], ..Conv3dConfig::new(1, 4, [3; 3]) };
/// let conv = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([2, 1, 4, 8, 8], DType::F32)?);
/// assert_eq!(conv.forward(&x, &mut Ctx::eval())?.dims(), &[2, 4, 4, 8, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Conv3d {
    /// `[out, in/groups, kd, kh, kw]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, padding, dilation and groups.
    #[module(skip)]
    pub options: Conv3dOptions,
}

impl Conv3d {
    /// A layer with [`Conv3dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: [usize; 3],
        keys: &mut Keys,
    ) -> Result<Self> {
        Conv3dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Weighted for Conv3d {
    fn weight(&self) -> &Param {
        &self.weight
    }

    fn forward_with(&self, weight: &Var, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv3d(weight, bias.as_ref(), self.options)?;
        let inputs: usize = weight.dims()[1..].iter().product();
        ctx.count(2 * (y.len() * inputs) as u64);
        Ok(y)
    }
}

impl Layer for Conv3d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_with(&self.weight.var(), x, ctx)
    }
}
