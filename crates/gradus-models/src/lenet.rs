//! A small convolutional network for images, after LeNet.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Conv2d, Conv2dConfig, Ctx, Dropout, Layer, Linear, Module};
use gradus_tensor::PoolOptions;

use crate::error::{Result, require};

/// Configuration of a [`LeNet`].
#[derive(Debug, Clone, PartialEq)]
pub struct LeNetConfig {
    /// Channels of the image: 1 for grey.
    pub in_channels: usize,
    /// Height and width of the image; each divisible by 4.
    pub image: [usize; 2],
    /// Channels of the two convolutions.
    pub channels: [usize; 2],
    /// Width of the hidden layer, which is also the feature vector.
    pub hidden: usize,
    /// How many classes there are.
    pub classes: usize,
    /// Probability with which a feature is dropped in training.
    pub dropout: f64,
}

impl LeNetConfig {
    /// 16 and 32 channels, 64 features, dropout 0.2, for grey images.
    pub fn new(image: [usize; 2], classes: usize) -> Self {
        Self { in_channels: 1, image, channels: [16, 32], hidden: 64, classes, dropout: 0.2 }
    }

    /// Draws the initial parameters.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if a side of the image is not a positive multiple of 4.
    pub fn init(&self, keys: &mut Keys) -> Result<LeNet> {
        let divisible = self.image.iter().all(|&side| side > 0 && side.is_multiple_of(4));
        require(divisible, "LeNet", "image", "sides divisible by 4", self.image)?;
        let [height, width] = self.image;
        let [c1, c2] = self.channels;
        let conv = |from, to, keys: &mut Keys| {
            Conv2dConfig { padding: [1, 1], ..Conv2dConfig::new(from, to, [3, 3]) }.init(keys)
        };
        Ok(LeNet {
            conv1: conv(self.in_channels, c1, keys)?,
            conv2: conv(c1, c2, keys)?,
            fc1: Linear::new(c2 * (height / 4) * (width / 4), self.hidden, keys)?,
            fc2: Linear::new(self.hidden, self.classes, keys)?,
            dropout: Dropout::new(self.dropout)?,
        })
    }
}

/// Two convolutions of 3×3, each with ReLU and 2×2 max pooling, then two linear layers.
///
/// # Shapes
/// - `x`: `[B, in_channels, H, W]` → logits `[B, classes]`
///
/// # Reference
/// LeCun et al. 1998, "Gradient-based learning applied to document recognition"; here with ReLU,
/// max pooling, padding and dropout, as is usual today.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::{DType, Key, Keys};
/// use gradus_models::LeNetConfig;
/// use gradus_nn::{Ctx, Layer};
/// use gradus_tensor::Tensor;
///
/// let net = LeNetConfig::new([8, 8], 10).init(&mut Keys::new(7))?;
/// let images = Var::constant(Tensor::rand([3, 1, 8, 8], DType::F32, Key::new(1))?);
/// let probabilities = net.forward(&images, &mut Ctx::eval())?.softmax(-1)?;
/// assert!(probabilities.value().sum(-1)?.allclose(&Tensor::new([1.0, 1.0, 1.0]), 1e-5, 0.0)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LeNet {
    /// From the image to the first channels.
    pub conv1: Conv2d,
    /// From the first channels to the second.
    pub conv2: Conv2d,
    /// From the flattened image to the features.
    pub fc1: Linear,
    /// From the features to the logits.
    pub fc2: Linear,
    /// Of features.
    #[module(skip)]
    pub dropout: Dropout,
}

impl LeNet {
    /// The hidden layer's output `[B, hidden]`, after ReLU: a description of each image.
    ///
    /// # Errors
    /// If `x` is not `[B, in_channels, H, W]` with the configured extents.
    pub fn features(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let half = PoolOptions::new(2);
        let x = ctx.at("conv1", |ctx| self.conv1.forward(x, ctx))?.relu()?.max_pool2d(half)?;
        let x = ctx.at("conv2", |ctx| self.conv2.forward(&x, ctx))?.relu()?.max_pool2d(half)?;
        let x = x.flatten(1, 3)?; // (B, C·H/4·W/4)
        Ok(ctx.at("fc1", |ctx| self.fc1.forward(&x, ctx))?.relu()?)
    }
}

impl Layer for LeNet {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let x = self.features(x, ctx)?;
        let x = self.dropout.forward(&x, ctx)?;
        ctx.at("fc2", |ctx| self.fc2.forward(&x, ctx))
    }
}
