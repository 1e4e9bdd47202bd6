//! The two-layer network of a transformer block.

use gradus_autograd::Var;
use gradus_core::Keys;

use crate::{Activation, Ctx, Dropout, Layer, Linear, LinearConfig, Module, Result};

/// Configuration of a [`FeedForward`].
#[derive(Debug, Clone, PartialEq)]
pub struct FeedForwardConfig {
    /// Size of the last dimension of input and output.
    pub channels: usize,
    /// Size between the two maps.
    pub hidden: usize,
    /// The function between the two maps.
    pub activation: Activation,
    /// Probability with which a hidden feature is dropped in training.
    pub dropout: f64,
    /// Whether the maps add learned vectors.
    pub bias: bool,
}

impl FeedForwardConfig {
    /// Four times as wide inside, GELU, no dropout, with biases.
    pub const fn new(channels: usize) -> Self {
        let hidden = channels.saturating_mul(4);
        Self { channels, hidden, activation: Activation::Gelu, dropout: 0.0, bias: true }
    }

    /// Draws both maps as [`LinearConfig`] does.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero or `dropout` is not in `0.0..1.0`.
    pub fn init(&self, keys: &mut Keys) -> Result<FeedForward> {
        let Self { channels, hidden, activation, dropout, bias } = *self;
        Ok(FeedForward {
            up: LinearConfig { bias, ..LinearConfig::new(channels, hidden) }.init(keys)?,
            activation,
            dropout: Dropout::new(dropout)?,
            down: LinearConfig { bias, ..LinearConfig::new(hidden, channels) }.init(keys)?,
        })
    }
}

/// down(dropout(activation(up(x)))), for each position on its own.
///
/// # Shapes
/// - `x`: `[..., C]` → the same
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", section 3.3.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{FeedForward, FeedForwardConfig, Module};
///
/// let feed_forward: FeedForward = FeedForwardConfig::new(8).init(&mut Keys::new(7))?;
/// assert_eq!(feed_forward.num_parameters(), 8 * 32 + 32 + 32 * 8 + 8);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct FeedForward {
    /// From `C` to the hidden size.
    pub up: Linear,
    /// The function in between.
    #[module(skip)]
    pub activation: Activation,
    /// Of hidden features.
    #[module(skip)]
    pub dropout: Dropout,
    /// From the hidden size to `C`.
    pub down: Linear,
}

impl Layer for FeedForward {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = ctx.at("up", |ctx| self.up.forward(x, ctx))?;
        let x = self.activation.forward(&x, ctx)?;
        let x = self.dropout.forward(&x, ctx)?;
        ctx.at("down", |ctx| self.down.forward(&x, ctx))
    }
}
