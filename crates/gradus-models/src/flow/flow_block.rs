//! The block that the U-Net over images repeats.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Conv2d, Conv2dConfig, Ctx, GroupNorm, Layer, Linear, Module};

/// A residual block of an image that is told a time: y = conv2(silu(norm2(conv1(silu(norm1(x))) + W c))) +
/// shortcut(x).
///
/// # Shapes
/// - `x`: `[B, in, H, W]`, `told`: `[B, width]` → `[B, out, H, W]`
///
/// # Reference
/// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", appendix B, without dropout.
#[derive(Debug, Clone, Module)]
pub struct FlowBlock2d {
    /// Of the input.
    pub norm1: GroupNorm,
    /// From the input.
    pub conv1: Conv2d,
    /// From what is told to a number per channel.
    pub told: Linear,
    /// Of the middle.
    pub norm2: GroupNorm,
    /// To the sum.
    pub conv2: Conv2d,
    /// A 1×1 convolution if the channels change.
    pub shortcut: Option<Conv2d>,
}

/// Channels that go in and come out, the width of what is told, and the groups of the norms.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockSize {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) told: usize,
    pub(super) groups: usize,
}

impl FlowBlock2d {
    pub(super) fn new(size: BlockSize, keys: &mut Keys) -> gradus_nn::Result<Self> {
        let BlockSize { from, to, told, groups } = size;
        Ok(Self {
            norm1: GroupNorm::new(groups, from)?,
            conv1: conv3(from, to, [1, 1], keys)?,
            told: Linear::new(told, to, keys)?,
            norm2: GroupNorm::new(groups, to)?,
            conv2: conv3(to, to, [1, 1], keys)?,
            shortcut: (from != to).then(|| Conv2d::new(from, to, [1, 1], keys)).transpose()?,
        })
    }

    pub(super) fn forward(&self, x: &Var, told: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let h = ctx.at("norm1", |ctx| self.norm1.forward(x, ctx))?.silu()?;
        let h = ctx.at("conv1", |ctx| self.conv1.forward(&h, ctx))?;
        let told = ctx.at("told", |ctx| self.told.forward(told, ctx))?; // (B, out)
        let h = h.add(&told.unsqueeze(-1)?.unsqueeze(-1)?)?;
        let h = ctx.at("norm2", |ctx| self.norm2.forward(&h, ctx))?.silu()?;
        let h = ctx.at("conv2", |ctx| self.conv2.forward(&h, ctx))?;
        let Some(shortcut) = &self.shortcut else { return Ok(x.add(&h)?) };
        Ok(h.add(&ctx.at("shortcut", |ctx| shortcut.forward(x, ctx))?)?)
    }
}

/// A 3×3 convolution with a border of zeros.
pub(super) fn conv3(
    from: usize,
    to: usize,
    stride: [usize; 2],
    keys: &mut Keys,
) -> gradus_nn::Result<Conv2d> {
    Conv2dConfig { stride, padding: [1, 1], ..Conv2dConfig::new(from, to, [3, 3]) }.init(keys)
}
