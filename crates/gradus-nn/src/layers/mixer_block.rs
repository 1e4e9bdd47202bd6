//! Mixing positions and channels by plain networks.

use gradus_autograd::Var;
use gradus_core::Keys;

use crate::{
    Activation, Ctx, Error, FeedForward, FeedForwardConfig, Layer, LayerNorm, Module, Result,
};

/// Configuration of a [`MixerBlock`].
#[derive(Debug, Clone, PartialEq)]
pub struct MixerBlockConfig {
    /// How many positions T there are.
    pub positions: usize,
    /// Size C of the last dimension.
    pub channels: usize,
    /// Size inside the network that mixes positions.
    pub token_hidden: usize,
    /// Size inside the network that mixes channels.
    pub channel_hidden: usize,
    /// The function inside both networks.
    pub activation: Activation,
    /// Probability with which a hidden feature is dropped in training.
    pub dropout: f64,
}

impl MixerBlockConfig {
    /// C/2 inside for positions and 4·C for channels as in the paper, GELU, no dropout.
    pub const fn new(positions: usize, channels: usize) -> Self {
        Self {
            positions,
            channels,
            token_hidden: if channels < 2 { 1 } else { channels / 2 },
            channel_hidden: channels.saturating_mul(4),
            activation: Activation::Gelu,
            dropout: 0.0,
        }
    }

    /// Draws the network that mixes positions, then the other.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero or `dropout` is not in `0.0..1.0`.
    pub fn init(&self, keys: &mut Keys) -> Result<MixerBlock> {
        let Self { positions, channels, activation, dropout, .. } = *self;
        let network = |channels, hidden| FeedForwardConfig {
            hidden,
            activation,
            dropout,
            ..FeedForwardConfig::new(channels)
        };
        Ok(MixerBlock {
            norm1: LayerNorm::new(channels)?,
            token_mixing: network(positions, self.token_hidden).init(keys)?,
            norm2: LayerNorm::new(channels)?,
            channel_mixing: network(channels, self.channel_hidden).init(keys)?,
        })
    }
}

/// x ← x + (`token_mixing`(norm1(x)ᵀ))ᵀ, then x ← x + `channel_mixing`(norm2(x)).
///
/// # Shapes
/// - `x`: `[B, T, C]` → the same
///
/// # Reference
/// Tolstikhin et al. 2021, "MLP-Mixer: An all-MLP Architecture for Vision", eq. 1.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Ctx, Layer, MixerBlockConfig, Tensor, Var};
///
/// let block = MixerBlockConfig::new(9, 8).init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::ones([2, 9, 8], DType::F32)?);
/// assert_eq!(block.forward(&x, &mut Ctx::eval())?.dims(), &[2, 9, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MixerBlock {
    /// In front of the mixing of positions.
    pub norm1: LayerNorm,
    /// Works on each channel.
    pub token_mixing: FeedForward,
    /// In front of the mixing of channels.
    pub norm2: LayerNorm,
    /// Works on each position.
    pub channel_mixing: FeedForward,
}

impl Layer for MixerBlock {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if x.rank() != 3 {
            let (layer, expected) = ("MixerBlock", "[B, T, C]".to_owned());
            return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
        }
        let y = ctx.at("norm1", |ctx| self.norm1.forward(x, ctx))?.transpose(1, 2)?;
        let y = ctx.at("token_mixing", |ctx| self.token_mixing.forward(&y, ctx))?;
        let x = x.add(&y.transpose(1, 2)?)?;
        let y = ctx.at("norm2", |ctx| self.norm2.forward(&x, ctx))?;
        Ok(x.add(&ctx.at("channel_mixing", |ctx| self.channel_mixing.forward(&y, ctx))?)?)
    }
}
