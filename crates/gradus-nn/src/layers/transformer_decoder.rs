//! A stack of blocks that look at what an encoder gave.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_tensor::Tensor;

use super::transformer_block::Branch;
use crate::error::require;
use crate::{
    Activation, Causal, Ctx, Dropout, FeedForward, FeedForwardConfig, KvCache, KvCacheLayer, Layer,
    LayerNorm, LayerNormConfig, Module, MultiHeadAttention, MultiHeadAttentionConfig, NormPlace,
    Result,
};

/// Configuration of a [`TransformerDecoder`] and of its layers.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerDecoderConfig {
    /// Size C of the last dimension.
    pub channels: usize,
    /// Heads; divides the channels.
    pub n_heads: usize,
    /// How many layers there are.
    pub n_layers: usize,
    /// Channels of the memory.
    pub memory_channels: usize,
    /// Size inside the feed-forward network.
    pub hidden: usize,
    /// The function inside the feed-forward network.
    pub activation: Activation,
    /// Whether a position sees only itself and earlier ones.
    pub causal: Causal,
    /// Where the branches are normalised.
    pub norm: NormPlace,
    /// Whether the output is normalised once more, as layers with norms in front want it.
    pub final_norm: bool,
    /// Probability of dropout: of attention weights, hidden features and all residual branches.
    pub dropout: f64,
    /// Whether maps and norms add learned vectors.
    pub bias: bool,
}

impl TransformerDecoderConfig {
    /// PyTorch's defaults: hidden size 2048, ReLU, dropout 0.1, norms after the sums, none at the end;
    /// but causal, which PyTorch leaves to a mask.
    pub const fn new(channels: usize, n_heads: usize, n_layers: usize) -> Self {
        Self {
            channels,
            n_heads,
            n_layers,
            memory_channels: channels,
            hidden: 2048,
            activation: Activation::Relu,
            causal: Causal::Yes,
            norm: NormPlace::After,
            final_norm: false,
            dropout: 0.1,
            bias: true,
        }
    }

    /// Draws the layers one after the other.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if there is no layer, or as the parts.
    pub fn init(&self, keys: &mut Keys) -> Result<TransformerDecoder> {
        let n_layers = self.n_layers;
        require(n_layers > 0, "TransformerDecoder", "n_layers", "above zero", n_layers)?;
        let layers = (0..n_layers).map(|_| self.init_layer(keys)).collect::<Result<_>>()?;
        let norm = if self.final_norm { Some(self.init_norm()?) } else { None };
        Ok(TransformerDecoder { layers, norm })
    }

    /// Draws one layer: self-attention, cross attention, feed-forward network.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] as the parts.
    pub fn init_layer(&self, keys: &mut Keys) -> Result<TransformerDecoderLayer> {
        let Self { channels, hidden, activation, dropout, bias, .. } = *self;
        let attn = MultiHeadAttentionConfig {
            dropout,
            bias,
            ..MultiHeadAttentionConfig::new(channels, self.n_heads)
        };
        let cross_attn =
            MultiHeadAttentionConfig { memory_channels: self.memory_channels, ..attn.clone() };
        let self_attn = MultiHeadAttentionConfig { causal: self.causal, ..attn };
        let ff = FeedForwardConfig { channels, hidden, activation, dropout, bias };
        Ok(TransformerDecoderLayer {
            norm1: self.init_norm()?,
            self_attn: self_attn.init(keys)?,
            norm2: self.init_norm()?,
            cross_attn: cross_attn.init(keys)?,
            norm3: self.init_norm()?,
            ff: ff.init(keys)?,
            dropout: Dropout::new(dropout)?,
            norm: self.norm,
        })
    }

    fn init_norm(&self) -> Result<LayerNorm> {
        LayerNormConfig { bias: self.bias, ..LayerNormConfig::new(self.channels) }.init()
    }
}

/// Masks of a decoder, each broadcast to `[B, H, T, S]`, true where a position may be seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecoderMasks<'a> {
    /// Of the self-attention, in addition to causality.
    pub own: Option<&'a Tensor>,
    /// Of the attention to the memory.
    pub memory: Option<&'a Tensor>,
}

/// Self-attention, attention to a memory, feed-forward network: each with its norm in a residual branch.
///
/// # Shapes
/// - `x`: `[B, T, C]`, `memory`: `[B, S, memory_channels]` → `[B, T, C]`
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", section 3.1.
#[derive(Debug, Clone, Module)]
pub struct TransformerDecoderLayer {
    /// Of the self-attention's branch.
    pub norm1: LayerNorm,
    /// Mixes positions.
    pub self_attn: MultiHeadAttention,
    /// Of the cross attention's branch.
    pub norm2: LayerNorm,
    /// Looks at the memory.
    pub cross_attn: MultiHeadAttention,
    /// Of the feed-forward network's branch.
    pub norm3: LayerNorm,
    /// Works on each position.
    pub ff: FeedForward,
    /// Of all branches.
    #[module(skip)]
    pub dropout: Dropout,
    #[module(skip)]
    norm: NormPlace,
}

impl TransformerDecoderLayer {
    /// The output for `x` and a memory.
    ///
    /// # Errors
    /// If the shapes or masks do not fit.
    pub fn forward_memory(
        &self,
        x: &Var,
        memory: &Var,
        masks: DecoderMasks<'_>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.run(x, memory, masks, ctx, |x, ctx| match masks.own {
            Some(mask) => self.self_attn.forward_masked(x, mask, ctx),
            None => self.self_attn.forward(x, ctx),
        })
    }

    /// The output for positions that follow those in the cache, which grows by them.
    ///
    /// # Errors
    /// As [`MultiHeadAttention::forward_cached`], or if the memory does not fit.
    pub fn forward_cached(
        &self,
        x: &Var,
        memory: &Var,
        memory_mask: Option<&Tensor>,
        cache: &mut KvCacheLayer,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let masks = DecoderMasks { own: None, memory: memory_mask };
        let attn = |x: &Var, ctx: &mut Ctx| self.self_attn.forward_cached(x, cache, ctx);
        self.run(x, memory, masks, ctx, attn)
    }

    fn run(
        &self,
        x: &Var,
        memory: &Var,
        masks: DecoderMasks<'_>,
        ctx: &mut Ctx,
        attn: impl FnOnce(&Var, &mut Ctx) -> Result<Var>,
    ) -> Result<Var> {
        let branch = Branch { norm: self.norm, dropout: &self.dropout };
        let x = branch.run(x, ("norm1", &self.norm1), ctx, |x, ctx| {
            ctx.at("self_attn", |ctx| attn(x, ctx))
        })?;
        let x = branch.run(&x, ("norm2", &self.norm2), ctx, |x, ctx| {
            let cross = |ctx: &mut Ctx| self.cross_attn.forward_cross(x, memory, masks.memory, ctx);
            ctx.at("cross_attn", cross)
        })?;
        branch.run(&x, ("norm3", &self.norm3), ctx, |x, ctx| {
            ctx.at("ff", |ctx| self.ff.forward(x, ctx))
        })
    }
}

/// Decoder layers one after the other, as PyTorch's `TransformerDecoder`.
///
/// # Shapes
/// - `x`: `[B, T, C]`, `memory`: `[B, S, memory_channels]` → `[B, T, C]`
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{
///     Ctx, DecoderMasks, Layer, Tensor, TransformerDecoderConfig, TransformerEncoderConfig, Var,
/// };
///
/// let mut keys = Keys::new(7);
/// let encoder = TransformerEncoderConfig::new(8, 2, 2).init(&mut keys)?;
/// let decoder = TransformerDecoderConfig::new(8, 2, 2).init(&mut keys)?;
/// let draw = |len, seed| Tensor::randn([1, len, 8], DType::F32, Key::new(seed)).map(Var::constant);
/// let ctx = &mut Ctx::eval();
/// let memory = encoder.forward(&draw(6, 1)?, ctx)?;
/// let y = decoder.forward_memory(&draw(4, 2)?, &memory, DecoderMasks::default(), ctx)?;
/// assert_eq!(y.dims(), &[1, 4, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct TransformerDecoder {
    /// From the input to the output.
    pub layers: Vec<TransformerDecoderLayer>,
    /// At the end.
    pub norm: Option<LayerNorm>,
}

impl TransformerDecoder {
    /// The output for `x` and a memory.
    ///
    /// # Errors
    /// If the shapes or masks do not fit.
    pub fn forward_memory(
        &self,
        x: &Var,
        memory: &Var,
        masks: DecoderMasks<'_>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = ctx.at(format_args!("layers.{i}"), |ctx| {
                layer.forward_memory(&x, memory, masks, ctx)
            })?;
        }
        self.normed(x, ctx)
    }

    /// The output for positions that follow those in the cache, which grows by them. A position has the same
    /// bits as in one pass over all.
    ///
    /// # Errors
    /// If the shapes do not fit, the decoder is not causal, or the cache has another number of layers.
    pub fn forward_cached(
        &self,
        x: &Var,
        memory: &Var,
        memory_mask: Option<&Tensor>,
        cache: &mut KvCache,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let (n_layers, caches) = (self.layers.len(), cache.layers_mut());
        let fits = caches.len() == n_layers;
        require(fits, "TransformerDecoder", "cache", "of as many layers", caches.len())?;
        let mut x = x.clone();
        for (i, (layer, cache)) in self.layers.iter().zip(caches).enumerate() {
            x = ctx.at(format_args!("layers.{i}"), |ctx| {
                layer.forward_cached(&x, memory, memory_mask, cache, ctx)
            })?;
        }
        self.normed(x, ctx)
    }

    fn normed(&self, x: Var, ctx: &mut Ctx) -> Result<Var> {
        match &self.norm {
            Some(norm) => ctx.at("norm", |ctx| norm.forward(&x, ctx)),
            None => Ok(x),
        }
    }
}
