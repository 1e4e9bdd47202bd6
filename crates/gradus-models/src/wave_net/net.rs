//! WaveNet, and how it is trained.

use gradus_autograd::Var;
use gradus_nn::{Conv1d, Ctx, Embedding, Layer, Module};
use gradus_tensor::Tensor;

use super::block::WaveNetBlock;
use super::condition::WaveNetCondition;
use super::config::WaveNetConfig;
use super::player::WaveNetPlayer;
use crate::error::{Error, Result};
use crate::inputs::{after_start, token_dims};

pub(crate) const NAME: &str = "WaveNet";

/// A wave, sample by sample: `p(x_t | x_<t)` from dilated causal convolutions, gated, with ways out of every
/// layer.
///
/// Samples are levels, such as the 256 of μ-law. Every sample is predicted, the first one from a start token. It
/// sees [`WaveNetConfig::receptive_field`] samples back, a number that doubles with each layer.
///
/// It implements [`gradus_generate::Causal`] with one queue for each layer, so that a sample costs O(layers)
/// and not O(receptive field): [`WaveNet::player`] lays the weights out once. The player's sums have an order of
/// their own. Fed in any split, beside any rows, after any rewind, its logits have the same bits; they
/// equal those of [`WaveNet::forward`] within rounding (1e-5 in `f32`, 1e-12 in `f64`). A `bf16` net
/// is played in `f32`.
///
/// # Reference
/// van den Oord et al. 2016, "WaveNet: A Generative Model for Raw Audio"; a sample enters by a table, which is
/// the paper's first convolution with one tap. Le Paine et al. 2016, "Fast WaveNet Generation Algorithm",
/// for the queues.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Ar, Request, Strategy};
/// use gradus_models::{WaveNetCondition, WaveNetConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let config = WaveNetConfig { n_layers: 3, n_stacks: 1, ..WaveNetConfig::new(16) };
/// let net = config.init(&mut Keys::new(7))?;
/// let loss = net.loss(&Tensor::new([[8, 9, 8, 7]]), &WaveNetCondition::default(), &mut Ctx::eval())?;
/// assert!(loss.item()? > 0.0);
/// let wave = Ar::default().run(&net, Request::blank(20).seed(7))?.collect_all()?;
/// assert_eq!(wave.row(0).len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct WaveNet {
    /// A vector for each level, then the start: `[V + 1, R]`.
    pub(crate) embedding: Embedding,
    pub(crate) blocks: Vec<WaveNetBlock>,
    /// `[S, S, 1]`.
    pub(crate) hidden: Conv1d,
    /// `[V, S, 1]`.
    pub(crate) output: Conv1d,
    #[module(skip)]
    pub(crate) config: WaveNetConfig,
}

impl WaveNet {
    /// The size of the model.
    pub fn config(&self) -> &WaveNetConfig {
        &self.config
    }

    /// Logits of each sample, given those before it.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]` → `[B, T, V]`: entry t predicts sample t
    ///
    /// # Errors
    /// [`Error::Token`] for a level that is not there; [`Error::Classes`], [`Error::Class`],
    /// [`Error::Frames`] or [`Error::InputShape`] for a condition that the net does not know;
    /// [`Error::Context`] if the wave is longer than its frames.
    pub fn forward(
        &self,
        tokens: &Tensor,
        condition: &WaveNetCondition,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let levels = self.config.levels;
        let [rows, len] = token_dims(NAME, tokens, levels)?;
        self.check_condition(condition, rows)?;
        if let Some(context) = self.covered(condition).filter(|&covered| len > covered) {
            return Err(Error::Context { model: NAME, got: len, context });
        }
        if rows * len == 0 {
            let dtype = self.output.weight.dtype();
            return Ok(Var::constant(Tensor::zeros([rows, len, levels], dtype)?));
        }
        let conditions = self.conditions(condition, len, ctx)?;
        let ids = after_start(tokens, levels)?;
        let x = ctx.at("embedding", |ctx| self.embedding.forward_ids(&ids, ctx))?; // (B, T, R)
        let mut x = x.to_dtype(self.output.weight.dtype())?.transpose(1, 2)?;
        let mut sum: Option<Var> = None;
        for (i, (block, condition)) in self.blocks.iter().zip(&conditions).enumerate() {
            let (on, skip) = ctx
                .at(format_args!("blocks.{i}"), |ctx| block.forward(&x, condition.as_ref(), ctx))?;
            sum = Some(sum.map_or_else(|| Ok(skip.clone()), |sum| sum.add(&skip))?); // (B, S, T)
            x = on.unwrap_or(x);
        }
        let Some(sum) = sum else { unreachable!("`init` makes at least one layer") };
        let x = ctx.at("hidden", |ctx| self.hidden.forward(&sum.relu()?, ctx))?.relu()?;
        let logits = ctx.at("output", |ctx| self.output.forward(&x, ctx))?; // (B, V, T)
        Ok(logits.transpose(1, 2)?)
    }

    /// Mean of −ln p(sample) over all samples, in nats.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no sample, and as [`WaveNet::forward`].
    pub fn loss(
        &self,
        tokens: &Tensor,
        condition: &WaveNetCondition,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        if tokens.is_empty() {
            let (name, expected) = ("tokens", "[B, T] with at least one target");
            let got = tokens.shape().clone();
            return Err(Error::InputShape { model: NAME, name, expected, got });
        }
        let logits = self.forward(tokens, condition, ctx)?.flatten(0, 1)?; // (B·T, V)
        Ok(logits.cross_entropy(&tokens.flatten(0, 1)?)?.mean(..)?)
    }

    /// The net laid out for generation, with one condition for each row of a request.
    ///
    /// # Errors
    /// As [`WaveNet::forward`] for the condition.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::{DType, Keys};
    /// use gradus_generate::{Ar, Request, Strategy};
    /// use gradus_models::{WaveNetCondition, WaveNetConfig};
    /// use gradus_tensor::Tensor;
    ///
    /// let size = WaveNetConfig { n_layers: 3, n_stacks: 1, ..WaveNetConfig::new(16) };
    /// let config = WaveNetConfig { classes: 3, frame_channels: 2, hop: 5, ..size };
    /// let net = config.init(&mut Keys::new(7))?;
    /// let condition = WaveNetCondition {
    ///     classes: Some(Tensor::from(vec![2i64, 0])),
    ///     frames: Some(Tensor::zeros([2, 4, 2], DType::F32)?),
    /// };
    /// let player = net.player(&condition)?;
    /// let two = Ar::default().run(&player, Request::blank(20).rows(2).seed(7))?.collect_all()?;
    /// assert_eq!(two.row(1).len(), 20);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn player(&self, condition: &WaveNetCondition) -> Result<WaveNetPlayer> {
        WaveNetPlayer::new(self, condition)
    }
}
