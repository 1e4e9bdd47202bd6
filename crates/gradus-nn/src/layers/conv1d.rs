//! Convolution of sequences.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::Conv1dOptions;

use super::conv_init::{ConvShape, draw};
use crate::{Ctx, Layer, Module, Result, Weighted};

/// Configuration of a [`Conv1d`].
#[derive(Debug, Clone, PartialEq)]
pub struct Conv1dConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Length of the kernel.
    pub kernel: usize,
    /// Step between two outputs.
    pub stride: usize,
    /// Zeros around the input, on both sides.
    pub padding: usize,
    /// Distance between two taps of the kernel.
    pub dilation: usize,
    /// Number of groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a learned number is added to each output channel.
    pub bias: bool,
}

impl Conv1dConfig {
    /// Stride 1, no padding, dilation 1, one group, with a bias.
    pub const fn new(in_channels: usize, out_channels: usize, kernel: usize) -> Self {
        Self {
            in_channels,
            out_channels,
            kernel,
            stride: 1,
            padding: 0,
            dilation: 1,
            groups: 1,
            bias: true,
        }
    }

    /// Draws weight and bias from U(−1/√n, 1/√n), where n is the number of inputs of a unit, as
    /// PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent, the stride or the dilation is zero, or
    /// `groups` does not divide the channels.
    pub fn init(&self, keys: &mut Keys) -> Result<Conv1d> {
        let shape = ConvShape {
            layer: "Conv1d",
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            kernel: &[self.kernel],
            stride: &[self.stride],
            dilation: &[self.dilation],
            groups: self.groups,
        };
        let (weight, bias) = draw(&shape, keys)?;
        let options = Conv1dOptions {
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
            groups: self.groups,
        };
        Ok(Conv1d { weight, bias: self.bias.then_some(bias), options })
    }
}

/// Cross-correlation of a batch of sequences with learned kernels, which deep learning calls
/// convolution.
///
/// # Shapes
/// - `x`: `[B, in, T]`, `weight`: `[out, in/groups, k]`, `bias`: `[out]` → `[B, out, T']` with
///   T' = ⌊(T + 2·padding − dilation·(k − 1) − 1)/stride⌋ + 1
///
/// # Examples
/// A causal convolution pads on the left only:
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Conv1dConfig, Ctx, Layer, Tensor, Var};
///
/// let config = Conv1dConfig { dilation: 2, ..Conv1dConfig::new(3, 4, 2) };
/// let conv = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 3, 10], DType::F32)?);
/// let x = x.pad(&[(0, 0), (0, 0), (2, 0)], 0.0)?;
/// assert_eq!(conv.forward(&x, &mut Ctx::eval())?.dims(), &[1, 4, 10]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Conv1d {
    /// `[out, in/groups, k]`.
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
    /// Stride, padding, dilation and groups.
    #[module(skip)]
    pub options: Conv1dOptions,
}

impl Conv1d {
    /// A layer with [`Conv1dConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
        keys: &mut Keys,
    ) -> Result<Self> {
        Conv1dConfig::new(in_channels, out_channels, kernel).init(keys)
    }
}

impl Weighted for Conv1d {
    fn weight(&self) -> &Param {
        &self.weight
    }

    fn forward_with(&self, weight: &Var, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv1d(weight, bias.as_ref(), self.options)?;
        let inputs: usize = weight.dims()[1..].iter().product();
        ctx.count(2 * (y.len() * inputs) as u64);
        Ok(y)
    }
}

impl Layer for Conv1d {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_with(&self.weight.var(), x, ctx)
    }
}
