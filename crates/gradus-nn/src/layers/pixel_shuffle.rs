//! Channels moved to places, places to channels, and channels among each other, as layers.

use gradus_autograd::Var;

use crate::{Ctx, Layer, Module, Result};

/// Each group of r² channels laid out as r × r places.
///
/// # Shapes
/// - `x`: `[B, C·r², H, W]` → `[B, C, H·r, W·r]`
///
/// # Reference
/// Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
/// Convolutional Neural Network".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, PixelShuffle, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]));
/// let y = PixelShuffle::new(2).forward(&x, &mut Ctx::eval())?;
/// assert!(y.value().equal(&Tensor::new([[[[1.0, 2.0], [3.0, 4.0]]]])));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct PixelShuffle {
    /// r, at least 1.
    #[module(skip)]
    pub upscale_factor: usize,
}

impl PixelShuffle {
    /// r = `upscale_factor`.
    pub const fn new(upscale_factor: usize) -> Self {
        Self { upscale_factor }
    }
}

impl Layer for PixelShuffle {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.pixel_shuffle(self.upscale_factor)?)
    }
}

/// Each square of r × r places laid out as r² channels: [`PixelShuffle`] undone.
///
/// # Shapes
/// - `x`: `[B, C, H·r, W·r]` → `[B, C·r², H, W]`
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct PixelUnshuffle {
    /// r, at least 1.
    #[module(skip)]
    pub downscale_factor: usize,
}

impl PixelUnshuffle {
    /// r = `downscale_factor`.
    pub const fn new(downscale_factor: usize) -> Self {
        Self { downscale_factor }
    }
}

impl Layer for PixelUnshuffle {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.pixel_unshuffle(self.downscale_factor)?)
    }
}

/// Channels in the order that takes one of each of `groups` groups in turn, so that the groups of the next
/// convolution see some of each.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Reference
/// Zhang et al. 2018, "`ShuffleNet`: An Extremely Efficient Convolutional Neural Network for Mobile
/// Devices".
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct ChannelShuffle {
    /// How many groups there are; divides the channels.
    #[module(skip)]
    pub groups: usize,
}

impl ChannelShuffle {
    /// `groups` groups.
    pub const fn new(groups: usize) -> Self {
        Self { groups }
    }
}

impl Layer for ChannelShuffle {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.channel_shuffle(self.groups)?)
    }
}
