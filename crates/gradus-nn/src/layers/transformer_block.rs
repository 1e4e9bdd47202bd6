//! The block that transformers repeat.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_tensor::Tensor;

use crate::{
    Activation, Causal, Ctx, Dropout, FeedForward, FeedForwardConfig, KvCacheLayer, Layer,
    LayerNorm, LayerNormConfig, Module, MultiHeadAttention, MultiHeadAttentionConfig, Result,
};

/// Configuration of a [`TransformerBlock`].
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerBlockConfig {
    /// Size C of the last dimension.
    pub channels: usize,
    /// Heads of the queries; divides the channels.
    pub n_heads: usize,
    /// Heads of keys and values; divides `n_heads`.
    pub n_kv_heads: usize,
    /// Size inside the feed-forward network.
    pub hidden: usize,
    /// The function inside the feed-forward network.
    pub activation: Activation,
    /// Whether a position sees only itself and earlier ones.
    pub causal: Causal,
    /// How many positions a causal position sees; `None` is all up to itself.
    pub window: Option<usize>,
    /// Base of rotary position embeddings; `None` is none.
    pub rope: Option<f64>,
    /// Probability of dropout: of attention weights, hidden features and both residual branches.
    pub dropout: f64,
    /// Whether maps and norms add learned vectors.
    pub bias: bool,
}

impl TransformerBlockConfig {
    /// Hidden size 4·C, GELU, every position sees all, no dropout, with biases.
    pub const fn new(channels: usize, n_heads: usize) -> Self {
        Self {
            channels,
            n_heads,
            n_kv_heads: n_heads,
            hidden: channels.saturating_mul(4),
            activation: Activation::Gelu,
            causal: Causal::No,
            window: None,
            rope: None,
            dropout: 0.0,
            bias: true,
        }
    }

    /// Draws attention, then feed-forward network.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] as the parts.
    pub fn init(&self, keys: &mut Keys) -> Result<TransformerBlock> {
        let Self { channels, dropout, bias, .. } = *self;
        let norm = LayerNormConfig { bias, ..LayerNormConfig::new(channels) };
        let attn = MultiHeadAttentionConfig {
            n_kv_heads: self.n_kv_heads,
            causal: self.causal,
            window: self.window,
            rope: self.rope,
            dropout,
            bias,
            ..MultiHeadAttentionConfig::new(channels, self.n_heads)
        };
        let ff = FeedForwardConfig {
            hidden: self.hidden,
            activation: self.activation,
            dropout,
            bias,
            ..FeedForwardConfig::new(channels)
        };
        Ok(TransformerBlock {
            norm1: norm.init()?,
            attn: attn.init(keys)?,
            norm2: norm.init()?,
            ff: ff.init(keys)?,
            dropout: Dropout::new(dropout)?,
        })
    }
}

/// A pre-norm transformer block: x ← x + attn(norm1(x)), then x ← x + ff(norm2(x)).
///
/// # Shapes
/// - `x`: `[B, T, C]` → the same
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", with the norm in front as in GPT-2; Xiong et
/// al. 2020, "On Layer Normalization in the Transformer Architecture".
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{Ctx, Layer, Module, Tensor, TransformerBlock, Var};
///
/// let block = TransformerBlock::new(8, 2, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::randn([2, 5, 8], DType::F32, Key::new(1))?);
/// assert_eq!(block.forward(&x, &mut Ctx::eval())?.dims(), &[2, 5, 8]);
/// assert!(block.state_dict().contains_key("attn.q.weight"));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct TransformerBlock {
    /// In front of the attention.
    pub norm1: LayerNorm,
    /// Mixes positions.
    pub attn: MultiHeadAttention,
    /// In front of the feed-forward network.
    pub norm2: LayerNorm,
    /// Works on each position.
    pub ff: FeedForward,
    /// Of both branches.
    #[module(skip)]
    pub dropout: Dropout,
}

impl TransformerBlock {
    /// A block with [`TransformerBlockConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero or `n_heads` does not divide
    /// `channels`.
    pub fn new(channels: usize, n_heads: usize, keys: &mut Keys) -> Result<Self> {
        TransformerBlockConfig::new(channels, n_heads).init(keys)
    }

    /// The block under an attention mask, in addition to causality.
    ///
    /// # Errors
    /// As [`MultiHeadAttention::forward_masked`].
    pub fn forward_masked(&self, x: &Var, mask: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, ctx, |x, ctx| self.attn.forward_masked(x, mask, ctx))
    }

    /// The block for positions that follow those in the cache, which grows by them.
    ///
    /// # Errors
    /// As [`MultiHeadAttention::forward_cached`].
    pub fn forward_cached(&self, x: &Var, cache: &mut KvCacheLayer, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, ctx, |x, ctx| self.attn.forward_cached(x, cache, ctx))
    }

    fn run(
        &self,
        x: &Var,
        ctx: &mut Ctx,
        attn: impl FnOnce(&Var, &mut Ctx) -> Result<Var>,
    ) -> Result<Var> {
        let y = ctx.at("norm1", |ctx| self.norm1.forward(x, ctx))?;
        let y = ctx.at("attn", |ctx| attn(&y, ctx))?;
        let x = x.add(&self.dropout.forward(&y, ctx)?)?;
        let y = ctx.at("norm2", |ctx| self.norm2.forward(&x, ctx))?;
        let y = ctx.at("ff", |ctx| self.ff.forward(&y, ctx))?;
        Ok(x.add(&self.dropout.forward(&y, ctx)?)?)
    }
}

impl Layer for TransformerBlock {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, ctx, |x, ctx| self.attn.forward(x, ctx))
    }
}
