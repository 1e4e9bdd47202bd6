//! A network over images that is told a time.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_nn::{Conv2d, Ctx, GroupNorm, Layer, Module};
use gradus_tensor::{Interpolation, Tensor};

use super::condition::Condition;
use super::flow_block::{BlockSize, FlowBlock2d, conv3};
use super::time_conditioned::TimeConditioned;
use crate::error::{Error, Result, require};

/// Configuration of a [`FlowUNet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowUNetConfig {
    /// Channels of the image.
    pub channels: usize,
    /// Channels of each level, from the full image down.
    pub widths: Vec<usize>,
    /// Groups of the norms; divides every width.
    pub n_groups: usize,
    /// Width of the vector of the time and the class.
    pub told: usize,
    /// How many classes an image can have; 0 for none.
    pub classes: usize,
}

impl FlowUNetConfig {
    /// Three levels of 16, 32 and 64 channels in groups of 4, without classes.
    pub fn new(channels: usize) -> Self {
        Self { channels, widths: vec![16, 32, 64], n_groups: 4, told: 64, classes: 0 }
    }

    /// Draws the layers; the last one is zero, so that a new network answers 0.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no level or an extent is zero;
    /// [`gradus_nn::Error::InvalidConfig`] if the groups do not divide a width.
    pub fn init(&self, keys: &mut Keys) -> Result<FlowUNet> {
        const NAME: &str = "FlowUNet";
        let Self { channels, ref widths, n_groups: groups, told, classes } = *self;
        require(channels > 0, NAME, "channels", "above zero", channels)?;
        require(told > 0, NAME, "told", "above zero", told)?;
        require(!widths.is_empty(), NAME, "widths", "at least one", widths)?;
        let (first, last) = (widths[0], widths[widths.len() - 1]);
        let condition = Condition::new(NAME, told, classes, keys)?;
        let stem = conv3(channels, first, [1, 1], keys)?;
        let block = |from, to, keys: &mut Keys| {
            FlowBlock2d::new(BlockSize { from, to, told, groups }, keys)
        };
        let (mut downs, mut shrinks) = (Vec::new(), Vec::new());
        for pair in widths.windows(2) {
            downs.push(block(pair[0], pair[0], keys)?);
            shrinks.push(conv3(pair[0], pair[1], [2, 2], keys)?);
        }
        let middle = block(last, last, keys)?;
        let ups = widths.windows(2).rev().map(|pair| block(pair[1] + pair[0], pair[0], keys));
        let ups = ups.collect::<gradus_nn::Result<_>>()?;
        let mut head = conv3(first, channels, [1, 1], keys)?;
        head.weight = Param::new(head.weight.value().zeros_like());
        head.bias = head.bias.map(|bias| Param::new(bias.value().zeros_like()));
        let norm = GroupNorm::new(groups, first)?;
        Ok(FlowUNet { condition, stem, downs, shrinks, middle, ups, norm, head })
    }
}

/// A U-shaped network over images that is told a time and a class: a way down to small images with many
/// channels and a way up again, on which each level meets what stood on it on the way down.
///
/// Unlike [`UNet`](crate::UNet), it normalises each image on its own (group norm), so that an image does
/// not depend on its batch. Any extents will do: each step down halves them, rounded up, and the way up
/// takes the nearest pixels for those of the level above.
///
/// # Shapes
/// - `x`: `[B, channels, H, W]` → the same
///
/// # Reference
/// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", appendix B, without attention.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::{DType, Keys};
/// use gradus_models::{FlowUNetConfig, TimeConditioned};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let config = FlowUNetConfig { widths: vec![4, 8], classes: 10, ..FlowUNetConfig::new(1) };
/// let net = config.init(&mut Keys::new(7))?;
/// let images = Var::constant(Tensor::zeros([2, 1, 9, 12], DType::F32)?);
/// let classes = Tensor::from(vec![3i64, 10]); // 10: the class is not told
/// let y = net.forward_at(&images, &[0.1, 0.9], Some(&classes), &mut Ctx::eval())?;
/// assert_eq!(y.dims(), &[2, 1, 9, 12]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct FlowUNet {
    /// The time and the class.
    pub condition: Condition,
    /// From the image.
    pub stem: Conv2d,
    /// A block on each level but the lowest.
    pub downs: Vec<FlowBlock2d>,
    /// From each level to the next.
    pub shrinks: Vec<Conv2d>,
    /// On the lowest level.
    pub middle: FlowBlock2d,
    /// The way up.
    pub ups: Vec<FlowBlock2d>,
    /// Before the head.
    pub norm: GroupNorm,
    /// To the answer.
    pub head: Conv2d,
}

impl FlowUNet {
    fn run(&self, x: &Var, told: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let mut x = ctx.at("stem", |ctx| self.stem.forward(x, ctx))?;
        let mut skips = Vec::new();
        for (i, (down, shrink)) in self.downs.iter().zip(&self.shrinks).enumerate() {
            x = ctx.at(format_args!("downs.{i}"), |ctx| down.forward(&x, told, ctx))?;
            let below = ctx.at(format_args!("shrinks.{i}"), |ctx| shrink.forward(&x, ctx))?;
            skips.push(std::mem::replace(&mut x, below));
        }
        x = ctx.at("middle", |ctx| self.middle.forward(&x, told, ctx))?;
        for (i, (up, skip)) in self.ups.iter().zip(skips.iter().rev()).enumerate() {
            let large = x.interpolate(&skip.dims()[2..], Interpolation::Nearest)?;
            let both = Var::cat(&[skip, &large], 1)?;
            x = ctx.at(format_args!("ups.{i}"), |ctx| up.forward(&both, told, ctx))?;
        }
        let x = ctx.at("norm", |ctx| self.norm.forward(&x, ctx))?.silu()?;
        ctx.at("head", |ctx| self.head.forward(&x, ctx))
    }
}

impl TimeConditioned for FlowUNet {
    fn forward_at(
        &self,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let channels = self.stem.weight.shape()[1];
        let fits = matches!(x.dims(), &[rows, c, h, w] if rows == times.len() && c == channels && h * w > 0);
        if !fits {
            let expected =
                "[B, channels, H, W] with B times and the network's channels, H and W above zero";
            let got = x.shape().clone();
            return Err(Error::InputShape { model: "FlowUNet", name: "x", expected, got });
        }
        let told = self.condition.forward(times, classes, ctx)?.silu()?;
        Ok(self.run(x, &told, ctx)?)
    }

    fn classes(&self) -> usize {
        self.condition.classes()
    }
}
