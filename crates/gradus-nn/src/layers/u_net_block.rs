//! The steps of a U-shaped network.

use gradus_autograd::Var;
use gradus_core::Keys;

use crate::{
    BatchNorm, Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Ctx, Error, Layer,
    MaxPool2d, Module, Result,
};

/// Two 3×3 convolutions that keep the extents, each with batch normalisation and ReLU.
///
/// # Shapes
/// - `x`: `[B, in, H, W]` → `[B, out, H, W]`
///
/// # Reference
/// Ronneberger et al. 2015, "U-Net"; with padding and norms, as is usual now.
#[derive(Debug, Clone, Module)]
pub struct DoubleConv {
    /// From the input.
    pub conv1: Conv2d,
    /// After the first convolution.
    pub bn1: BatchNorm,
    /// To the output.
    pub conv2: Conv2d,
    /// After the second convolution.
    pub bn2: BatchNorm,
}

impl DoubleConv {
    /// Convolutions without biases, drawn as [`Conv2dConfig`] says.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(in_channels: usize, out_channels: usize, keys: &mut Keys) -> Result<Self> {
        let mut conv = |from| {
            let config = Conv2dConfig {
                padding: [1, 1],
                bias: false,
                ..Conv2dConfig::new(from, out_channels, [3, 3])
            };
            config.init(keys)
        };
        Ok(Self {
            conv1: conv(in_channels)?,
            bn1: BatchNorm::new(out_channels)?,
            conv2: conv(out_channels)?,
            bn2: BatchNorm::new(out_channels)?,
        })
    }
}

impl Layer for DoubleConv {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = ctx.at("conv1", |ctx| self.conv1.forward(x, ctx))?;
        let x = ctx.at("bn1", |ctx| self.bn1.forward(&x, ctx))?.relu()?;
        let x = ctx.at("conv2", |ctx| self.conv2.forward(&x, ctx))?;
        Ok(ctx.at("bn2", |ctx| self.bn2.forward(&x, ctx))?.relu()?)
    }
}

/// A step down: the largest of each 2×2 pixels, then a [`DoubleConv`].
///
/// # Shapes
/// - `x`: `[B, in, H, W]` → `[B, out, ⌊H/2⌋, ⌊W/2⌋]`
#[derive(Debug, Clone, Module)]
pub struct UNetDown {
    /// Works on the smaller image.
    pub conv: DoubleConv,
}

impl UNetDown {
    /// Draws the convolutions.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(in_channels: usize, out_channels: usize, keys: &mut Keys) -> Result<Self> {
        Ok(Self { conv: DoubleConv::new(in_channels, out_channels, keys)? })
    }
}

impl Layer for UNetDown {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = MaxPool2d::new(2).forward(x, ctx)?;
        ctx.at("conv", |ctx| self.conv.forward(&x, ctx))
    }
}

/// A step up: a transposed 2×2 convolution doubles the image, which meets what stood beside it on the way
/// down, and a [`DoubleConv`] joins both.
///
/// Where a step down lost a row or a column, the border is filled with zeros.
///
/// # Shapes
/// - `x`: `[B, in, H, W]`, `skip`: `[B, skip, H', W']` with extents of 2·H or 2·H + 1 → `[B, out, H', W']`
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Ctx, Tensor, UNetUp, Var};
///
/// let up = UNetUp::new(8, 4, 4, &mut Keys::new(7))?;
/// let zeros = |shape: [usize; 4]| Tensor::zeros(shape, DType::F32).map(Var::constant);
/// let (x, skip) = (zeros([1, 8, 3, 3])?, zeros([1, 4, 7, 6])?);
/// assert_eq!(up.forward_skip(&x, &skip, &mut Ctx::eval())?.dims(), &[1, 4, 7, 6]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct UNetUp {
    /// Doubles the extents and halves the channels.
    pub up: ConvTranspose2d,
    /// Joins both.
    pub conv: DoubleConv,
}

impl UNetUp {
    /// Draws the transposed convolution to half the channels, then the others.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        in_channels: usize,
        skip_channels: usize,
        out_channels: usize,
        keys: &mut Keys,
    ) -> Result<Self> {
        let half = in_channels.div_ceil(2);
        let up = ConvTranspose2dConfig {
            stride: [2, 2],
            ..ConvTranspose2dConfig::new(in_channels, half, [2, 2])
        };
        let up = up.init(keys)?;
        Ok(Self { up, conv: DoubleConv::new(half + skip_channels, out_channels, keys)? })
    }

    /// The output for `x` and what stands beside it.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn forward_skip(&self, x: &Var, skip: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = ctx.at("up", |ctx| self.up.forward(x, ctx))?;
        let border = |dim: usize| {
            let missing = skip.dims().get(dim)?.checked_sub(x.dims()[dim])?;
            (missing < 2).then_some((0, missing))
        };
        let (Some(rows), Some(columns)) = (border(2), border(3)) else {
            let expected = format!("a skip beside {}", x.shape());
            let got = skip.shape().clone();
            return Err(Error::InputShape { layer: "UNetUp", expected, got });
        };
        let x = x.pad(&[(0, 0), (0, 0), rows, columns], 0.0)?;
        let x = Var::cat(&[skip, &x], 1)?;
        ctx.at("conv", |ctx| self.conv.forward(&x, ctx))
    }
}
