//! The block that transformers repeat.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_tensor::Tensor;

use crate::{
    Activation, Causal, Ctx, Dropout, FeedForward, FeedForwardConfig, KvCacheLayer, Layer,
    LayerNorm, LayerNormConfig, Module, MultiHeadAttention, MultiHeadAttentionConfig, Result,
};

/// Where a residual branch is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NormPlace {
    /// Its input is: x + f(norm(x)). PyTorch's `norm_first=True`.
    #[default]
    Before,
    /// The sum is: norm(x + f(x)), as in the paper. PyTorch's `norm_first=False`.
    After,
}

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
    /// Whether scores fall with the distance, by a slope per head.
    pub alibi: bool,
    /// Where the branches are normalised.
    pub norm: NormPlace,
    /// Probability of dropout: of attention weights, hidden features and both residual branches.
    pub dropout: f64,
    /// Whether maps and norms add learned vectors.
    pub bias: bool,
}

impl TransformerBlockConfig {
    /// Hidden size 4·C, GELU, every position sees all, norms in front, no dropout, with biases.
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
            alibi: false,
            norm: NormPlace::Before,
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
            alibi: self.alibi,
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
            norm: self.norm,
        })
    }
}

/// A transformer block: x ← x + attn(norm1(x)), then x ← x + ff(norm2(x)); or, with
/// [`NormPlace::After`], x ← norm1(x + attn(x)), then x ← norm2(x + ff(x)).
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
    /// Of the attention's branch.
    pub norm1: LayerNorm,
    /// Mixes positions.
    pub attn: MultiHeadAttention,
    /// Of the feed-forward network's branch.
    pub norm2: LayerNorm,
    /// Works on each position.
    pub ff: FeedForward,
    /// Of both branches.
    #[module(skip)]
    pub dropout: Dropout,
    #[module(skip)]
    norm: NormPlace,
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

    /// The block for a run of positions that follow those in the cache, which grows by them, and that see
    /// each other.
    ///
    /// # Errors
    /// As [`MultiHeadAttention::forward_block`].
    pub fn forward_block(&self, x: &Var, cache: &mut KvCacheLayer, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, ctx, |x, ctx| self.attn.forward_block(x, cache, ctx))
    }

    fn run(
        &self,
        x: &Var,
        ctx: &mut Ctx,
        attn: impl FnOnce(&Var, &mut Ctx) -> Result<Var>,
    ) -> Result<Var> {
        let branch = Branch { norm: self.norm, dropout: &self.dropout };
        let attn = |x: &Var, ctx: &mut Ctx| ctx.at("attn", |ctx| attn(x, ctx));
        let x = branch.run(x, ("norm1", &self.norm1), ctx, attn)?;
        let ff = |x: &Var, ctx: &mut Ctx| ctx.at("ff", |ctx| self.ff.forward(x, ctx));
        branch.run(&x, ("norm2", &self.norm2), ctx, ff)
    }
}

/// How the residual branches of a block are run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch<'a> {
    pub(super) norm: NormPlace,
    pub(super) dropout: &'a Dropout,
}

impl Branch<'_> {
    /// x and what `f` adds to it, normalised before or after.
    pub(super) fn run(
        self,
        x: &Var,
        (name, norm): (&str, &LayerNorm),
        ctx: &mut Ctx,
        f: impl FnOnce(&Var, &mut Ctx) -> Result<Var>,
    ) -> Result<Var> {
        let norm = |x: &Var, ctx: &mut Ctx| ctx.at(name, |ctx| norm.forward(x, ctx));
        match self.norm {
            NormPlace::Before => {
                let y = norm(x, ctx)?;
                let y = f(&y, ctx)?;
                Ok(x.add(&self.dropout.forward(&y, ctx)?)?)
            }
            NormPlace::After => {
                let y = f(x, ctx)?;
                let sum = x.add(&self.dropout.forward(&y, ctx)?)?;
                norm(&sum, ctx)
            }
        }
    }
}

impl Layer for TransformerBlock {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, ctx, |x, ctx| self.attn.forward(x, ctx))
    }
}
