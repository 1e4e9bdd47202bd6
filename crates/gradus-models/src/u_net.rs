//! A network that gives each pixel its class.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Conv2d, Ctx, DoubleConv, Layer, Module, UNetDown, UNetUp};

use crate::error::{Result, require};

/// Configuration of a [`UNet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UNetConfig {
    /// Channels of the image.
    pub in_channels: usize,
    /// Channels of the output: classes, or 1 for yes and no.
    pub out_channels: usize,
    /// Channels of each level, from the full image down; 64, 128, 256, 512, 1024 in the paper.
    pub widths: Vec<usize>,
}

impl UNetConfig {
    /// Three levels of 16, 32 and 64 channels.
    pub fn new(in_channels: usize, out_channels: usize) -> Self {
        Self { in_channels, out_channels, widths: vec![16, 32, 64] }
    }

    /// Draws the way down, the way up, and the output.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if there is no level, [`gradus_nn::Error::InvalidConfig`] if an extent is zero.
    pub fn init(&self, keys: &mut Keys) -> Result<UNet> {
        let Self { in_channels, out_channels, ref widths } = *self;
        require(!widths.is_empty(), "UNet", "widths", "at least one", widths)?;
        let stem = DoubleConv::new(in_channels, widths[0], keys)?;
        let pairs = || widths.windows(2);
        let downs = pairs().map(|w| UNetDown::new(w[0], w[1], keys)).collect::<Result<_, _>>()?;
        let ups = pairs().rev().map(|w| UNetUp::new(w[1], w[0], w[0], keys));
        let ups = ups.collect::<Result<_, _>>()?;
        let head = Conv2d::new(widths[0], out_channels, [1, 1], keys)?;
        Ok(UNet { stem, downs, ups, head })
    }
}

/// A way down to small images with many channels and a way up again, on which each level meets what stood on
/// it on the way down.
///
/// # Shapes
/// - `x`: `[B, in, H, W]` → logits `[B, out, H, W]`; H and W at least 2 for each level below the first
///
/// # Reference
/// Ronneberger, Fischer & Brox 2015, "U-Net: Convolutional Networks for Biomedical Image Segmentation".
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::{DType, Keys};
/// use gradus_models::UNetConfig;
/// use gradus_nn::{Ctx, Layer};
/// use gradus_tensor::Tensor;
///
/// let net = UNetConfig { widths: vec![4, 8], ..UNetConfig::new(1, 3) }.init(&mut Keys::new(7))?;
/// let image = Var::constant(Tensor::zeros([1, 1, 9, 12], DType::F32)?);
/// assert_eq!(net.forward(&image, &mut Ctx::eval())?.dims(), &[1, 3, 9, 12]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct UNet {
    /// On the full image.
    pub stem: DoubleConv,
    /// The way down.
    pub downs: Vec<UNetDown>,
    /// The way up.
    pub ups: Vec<UNetUp>,
    /// From channels to classes.
    pub head: Conv2d,
}

impl Layer for UNet {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let mut x = ctx.at("stem", |ctx| self.stem.forward(x, ctx))?;
        let mut skips = Vec::new();
        for (i, down) in self.downs.iter().enumerate() {
            let below = ctx.at(format_args!("downs.{i}"), |ctx| down.forward(&x, ctx))?;
            skips.push(std::mem::replace(&mut x, below));
        }
        for (i, (up, skip)) in self.ups.iter().zip(skips.iter().rev()).enumerate() {
            x = ctx.at(format_args!("ups.{i}"), |ctx| up.forward_skip(&x, skip, ctx))?;
        }
        ctx.at("head", |ctx| self.head.forward(&x, ctx))
    }
}
