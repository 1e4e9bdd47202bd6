//! The block that residual networks repeat.

use gradus_autograd::Var;
use gradus_core::Keys;

use crate::error::require;
use crate::{BatchNorm, Conv2d, Conv2dConfig, Ctx, Layer, Module, Result};

/// ReLU(shortcut(x) + bn2(conv2(ReLU(bn1(conv1(x)))))) with 3×3 convolutions: torchvision's `BasicBlock`.
///
/// The shortcut is the identity, or a 1×1 convolution and a norm where channels or extents change.
///
/// # Shapes
/// - `x`: `[B, in, H, W]` → `[B, out, ⌈H/stride⌉, ⌈W/stride⌉]`
///
/// # Reference
/// He et al. 2016, "Deep Residual Learning for Image Recognition", fig. 5 left.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Ctx, Layer, ResNetBlock, Tensor, Var};
///
/// let block = ResNetBlock::new(4, 8, 2, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 4, 7, 7], DType::F32)?);
/// assert_eq!(block.forward(&x, &mut Ctx::eval())?.dims(), &[1, 8, 4, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ResNetBlock {
    /// 3×3, with the stride.
    pub conv1: Conv2d,
    /// After the first convolution.
    pub bn1: BatchNorm,
    /// 3×3.
    pub conv2: Conv2d,
    /// After the second convolution.
    pub bn2: BatchNorm,
    /// The shortcut, where it is no identity.
    pub downsample: Option<(Conv2d, BatchNorm)>,
}

impl ResNetBlock {
    /// A block without biases of convolutions, drawn as [`Conv2dConfig`] says.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent or the stride is zero.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        stride: usize,
        keys: &mut Keys,
    ) -> Result<Self> {
        require(stride > 0, "ResNetBlock", "stride", "above zero", stride)?;
        let mut conv = |channels: [usize; 2], kernel: usize, stride: usize| {
            let config = Conv2dConfig {
                stride: [stride; 2],
                padding: [kernel / 2; 2],
                bias: false,
                ..Conv2dConfig::new(channels[0], channels[1], [kernel; 2])
            };
            config.init(keys)
        };
        let changes = stride != 1 || in_channels != out_channels;
        Ok(Self {
            conv1: conv([in_channels, out_channels], 3, stride)?,
            bn1: BatchNorm::new(out_channels)?,
            conv2: conv([out_channels; 2], 3, 1)?,
            bn2: BatchNorm::new(out_channels)?,
            downsample: if changes {
                let projection = conv([in_channels, out_channels], 1, stride)?;
                Some((projection, BatchNorm::new(out_channels)?))
            } else {
                None
            },
        })
    }
}

impl Layer for ResNetBlock {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let y = ctx.at("conv1", |ctx| self.conv1.forward(x, ctx))?;
        let y = ctx.at("bn1", |ctx| self.bn1.forward(&y, ctx))?.relu()?;
        let y = ctx.at("conv2", |ctx| self.conv2.forward(&y, ctx))?;
        let y = ctx.at("bn2", |ctx| self.bn2.forward(&y, ctx))?;
        let x = match &self.downsample {
            Some((conv, norm)) => {
                let x = ctx.at("downsample.0", |ctx| conv.forward(x, ctx))?;
                ctx.at("downsample.1", |ctx| norm.forward(&x, ctx))?
            }
            None => x.clone(),
        };
        Ok(x.add(&y)?.relu()?)
    }
}
