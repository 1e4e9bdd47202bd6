//! Multi-head attention.

use gradus_autograd::{AttentionOptions, Var};
use gradus_core::{DType, Keys};
use gradus_tensor::Tensor;

use super::alibi::alibi_bias;
use crate::error::require;
use crate::{Causal, Ctx, Error, KvCacheLayer, Layer, Linear, LinearConfig, Module, Param, Result};

/// From so many positions on, joining the weights of queries, keys and values costs less than it
/// gains: the copy takes about as long as a product with a few rows.
const MANY_ROWS: usize = 48;

/// Configuration of a [`MultiHeadAttention`].
#[derive(Debug, Clone, PartialEq)]
pub struct MultiHeadAttentionConfig {
    /// Size C of the last dimension of input and output.
    pub channels: usize,
    /// Heads of the queries; divides the channels.
    pub n_heads: usize,
    /// Heads of keys and values, each shared by a group of query heads; divides `n_heads`.
    pub n_kv_heads: usize,
    /// Channels of what keys and values are made from.
    pub memory_channels: usize,
    /// Whether a position sees only itself and earlier ones.
    pub causal: Causal,
    /// How many positions a causal position sees, itself being the last; `None` is all up to itself.
    pub window: Option<usize>,
    /// Base of rotary position embeddings of queries and keys, 10,000 in the paper; `None` is none.
    pub rope: Option<f64>,
    /// Whether scores fall with the distance, by a slope per head: see [`alibi_slopes`](crate::alibi_slopes).
    pub alibi: bool,
    /// Probability with which an attention weight is dropped in training.
    pub dropout: f64,
    /// Whether the four maps add learned vectors.
    pub bias: bool,
}

impl MultiHeadAttentionConfig {
    /// Self-attention where every position sees all, without dropout, with biases.
    pub const fn new(channels: usize, n_heads: usize) -> Self {
        Self {
            channels,
            n_heads,
            n_kv_heads: n_heads,
            memory_channels: channels,
            causal: Causal::No,
            window: None,
            rope: None,
            alibi: false,
            dropout: 0.0,
            bias: true,
        }
    }

    /// Draws the four maps as [`LinearConfig`] does.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero, heads do not divide what they share, `window`
    /// is zero or given without `causal`, `rope` is not above zero, meets heads of odd size or `alibi`, or
    /// `dropout` is not in `0.0..1.0`.
    pub fn init(&self, keys: &mut Keys) -> Result<MultiHeadAttention> {
        const NAME: &str = "MultiHeadAttention";
        let Self { channels, n_heads, n_kv_heads, memory_channels, causal, .. } = *self;
        let Self { window, rope, alibi, dropout, bias, .. } = *self;
        let divides = |part: usize, whole: usize| part > 0 && whole.is_multiple_of(part);
        require(divides(n_heads, channels), NAME, "n_heads", "a divisor of channels", n_heads)?;
        let valid = divides(n_kv_heads, n_heads);
        require(valid, NAME, "n_kv_heads", "a divisor of n_heads", n_kv_heads)?;
        require((0.0..1.0).contains(&dropout), NAME, "dropout", "in 0.0..1.0", dropout)?;
        let valid = window.is_none_or(|window| window > 0 && causal == Causal::Yes);
        require(valid, NAME, "window", "above zero, and None unless causal", window)?;
        let valid = rope.is_none_or(|base| base > 0.0 && base.is_finite());
        require(valid, NAME, "rope", "above zero and finite", rope)?;
        let valid = rope.is_none() || (channels / n_heads).is_multiple_of(2);
        require(valid, NAME, "rope", "None for heads of odd size", rope)?;
        require(!alibi || rope.is_none(), NAME, "rope", "None with alibi", rope)?;
        let kv_channels = channels / n_heads * n_kv_heads;
        let mut map = |from, to| LinearConfig { bias, ..LinearConfig::new(from, to) }.init(keys);
        Ok(MultiHeadAttention {
            q: map(channels, channels)?,
            k: map(memory_channels, kv_channels)?,
            v: map(memory_channels, kv_channels)?,
            out: map(channels, channels)?,
            n_heads,
            n_kv_heads,
            causal,
            window,
            rope,
            alibi,
            dropout,
        })
    }
}

/// Attention of several heads: out(softmax(q kᵀ / √D) v), with D = C / heads.
///
/// In evaluation a position's output is the same, bit for bit, in a batch or alone, and fed piece by
/// piece through a cache or with the whole sequence at once. The four maps are called `q`,
/// `k`, `v` and `out`; PyTorch's `MultiheadAttention` packs the first three into `in_proj_weight`.
///
/// # Shapes
/// - `x`: `[B, T, C]` → the same
/// - `memory`, for cross attention: `[B, S, memory_channels]`
/// - `mask`: broadcasts to `[B, H, T, S]`; a `bool` mask is true where a query may see a key, any
///   other is added to the scores. A query that sees no key gives zeros to `out`.
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", section 3.2; Ainslie et al. 2023, "GQA", for
/// shared heads of keys and values; Su et al. 2021, "`RoFormer`", for rotary embeddings; Beltagy et
/// al. 2020, "Longformer", for windows.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{Causal, Ctx, Layer, MultiHeadAttentionConfig, Tensor, Var};
///
/// let config =
///     MultiHeadAttentionConfig { causal: Causal::Yes, ..MultiHeadAttentionConfig::new(8, 2) };
/// let attention = config.init(&mut Keys::new(7))?;
/// let x = Tensor::randn([1, 5, 8], DType::F32, Key::new(1))?;
/// let y = attention.forward(&Var::from(&x), &mut Ctx::eval())?;
///
/// // The first position does not see the later ones.
/// let first = attention.forward(&x.narrow(1, 0, 1)?.into(), &mut Ctx::eval())?;
/// assert!(first.value().equal(&y.value().narrow(1, 0, 1)?));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MultiHeadAttention {
    /// Makes the queries.
    pub q: Linear,
    /// Makes the keys.
    pub k: Linear,
    /// Makes the values.
    pub v: Linear,
    /// Mixes the heads.
    pub out: Linear,
    #[module(skip)]
    n_heads: usize,
    #[module(skip)]
    n_kv_heads: usize,
    #[module(skip)]
    causal: Causal,
    #[module(skip)]
    window: Option<usize>,
    #[module(skip)]
    rope: Option<f64>,
    #[module(skip)]
    alibi: bool,
    #[module(skip)]
    dropout: f64,
}

impl MultiHeadAttention {
    /// A layer with [`MultiHeadAttentionConfig::new`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero or `n_heads` does not divide `channels`.
    pub fn new(channels: usize, n_heads: usize, keys: &mut Keys) -> Result<Self> {
        MultiHeadAttentionConfig::new(channels, n_heads).init(keys)
    }

    /// Heads of the queries.
    pub fn n_heads(&self) -> usize {
        self.n_heads
    }

    /// Whether a position sees only itself and earlier ones.
    pub fn causal(&self) -> Causal {
        self.causal
    }

    /// Self-attention under a mask, in addition to causality.
    ///
    /// # Errors
    /// If `x` is not `[B, T, C]` or the mask does not broadcast to `[B, H, T, T]`.
    pub fn forward_masked(&self, x: &Var, mask: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        self.look_at_self(x, Some(mask), ctx)
    }

    /// Cross attention: queries from `x`, keys and values from `memory`.
    ///
    /// # Errors
    /// If the shapes do not fit, or the layer is causal or turns by place: the places of `x` and of
    /// `memory` have nothing to do with each other.
    pub fn forward_cross(
        &self,
        x: &Var,
        memory: &Var,
        mask: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let open = self.causal == Causal::No;
        require(open, "MultiHeadAttention", "causal", "Causal::No to cross", self.causal)?;
        require(self.rope.is_none(), "MultiHeadAttention", "rope", "None to cross", self.rope)?;
        require(!self.alibi, "MultiHeadAttention", "alibi", "false to cross", self.alibi)?;
        self.look(x, memory, mask, ctx)
    }

    /// Self-attention of positions that follow those in the cache, which grows by them.
    ///
    /// The cached keys and values are constants: no gradient flows into earlier calls.
    ///
    /// # Errors
    /// If `x` is not `[B, T, C]` with the cache's B, the layer is not causal, so that earlier positions
    /// would have to see these, or a sliding cache lets positions go that the layer sees.
    pub fn forward_cached(&self, x: &Var, cache: &mut KvCacheLayer, ctx: &mut Ctx) -> Result<Var> {
        let causal = self.causal == Causal::Yes;
        require(causal, "MultiHeadAttention", "causal", "Causal::Yes to cache", self.causal)?;
        self.look_back(x, cache, ctx)
    }

    /// Self-attention of a block of positions that follow those in the cache, which grows by them: each
    /// sees the cache and its whole block. Block by block this is a pass under a mask by which a
    /// position sees its own block and those before, bit for bit.
    ///
    /// The cached keys and values are constants: no gradient flows into earlier calls.
    ///
    /// # Errors
    /// If `x` is not `[B, T, C]` with the cache's B, the layer is causal
    /// ([`MultiHeadAttention::forward_cached`] is for those), or the cache slides.
    pub fn forward_block(&self, x: &Var, cache: &mut KvCacheLayer, ctx: &mut Ctx) -> Result<Var> {
        let open = self.causal == Causal::No;
        require(open, "MultiHeadAttention", "causal", "Causal::No for blocks", self.causal)?;
        self.look_back(x, cache, ctx)
    }

    /// Attention of positions to those in the cache and to each other.
    fn look_back(&self, x: &Var, cache: &mut KvCacheLayer, ctx: &mut Ctx) -> Result<Var> {
        let wide = cache.window().is_none_or(|kept| self.window.is_some_and(|seen| seen <= kept));
        let expected = "a window that a sliding cache keeps";
        require(wide, "MultiHeadAttention", "window", expected, self.window)?;
        let start = cache.len();
        let [q, k, v] = self.turned(self.heads(x, x, ctx)?, start)?;
        let (k, v) = cache.append(k.value(), v.value())?;
        let mask = self.biased(&q, [start, cache.first()], k.dims()[2], None)?;
        self.mix(&q, &k.into(), &v.into(), mask.as_ref(), ctx)
    }

    /// Self-attention: one projection for queries, keys and values where that is worth joining
    /// the three weights. Each element of a product is the same in any company, and so are the bits.
    fn look_at_self(&self, x: &Var, mask: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let channels = self.q.in_features();
        let fits = x.rank() == 3 && x.dims()[2] == channels && self.k.in_features() == channels;
        let adapted = [&self.q, &self.k, &self.v].iter().any(|map| map.lora.is_some());
        if !fits || adapted || self.rope.is_some() || x.len() < MANY_ROWS * channels {
            return self.look(x, x, mask, ctx);
        }
        let maps = [&self.q, &self.k, &self.v];
        let weight = Var::cat(&maps.map(|map| map.weight.var()), 0)?;
        let biases: Vec<Var> =
            maps.iter().filter_map(|map| map.bias.as_ref()).map(Param::var).collect();
        let bias = match biases.len() {
            0 => None,
            3 => Some(Var::cat(&biases, 0)?),
            _ => return self.look(x, x, mask, ctx),
        };
        ctx.count(2 * (x.len() * weight.dims()[0]) as u64);
        let qkv = x.linear(&weight, bias.as_ref())?; // (B, T, (H + 2 H_kv)·D)
        let mask = self.biased(x, [0, 0], x.dims()[1], mask)?;
        let options = self.options(mask.as_ref(), ctx)?;
        ctx.count(4 * (x.len() / channels * x.dims()[1] * self.q.out_features()) as u64);
        let joined = Var::self_attention(&qkv, self.n_heads, self.n_kv_heads, options)?;
        ctx.at("out", |ctx| self.out.forward(&joined, ctx)) // (B, T, C)
    }

    fn look(&self, x: &Var, memory: &Var, mask: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let [q, k, v] = self.turned(self.heads(x, memory, ctx)?, 0)?;
        let mask = self.biased(&q, [0, 0], k.dims()[2], mask)?;
        self.mix(&q, &k, &v, mask.as_ref(), ctx)
    }

    /// Queries `[B, H, T, D]`, keys and values `[B, H_kv, S, D]`.
    fn heads(&self, x: &Var, memory: &Var, ctx: &mut Ctx) -> Result<[Var; 3]> {
        for input in [x, memory] {
            if input.rank() != 3 {
                let (layer, expected) = ("MultiHeadAttention", "[B, T, C]".to_owned());
                return Err(Error::InputShape { layer, expected, got: input.shape().clone() });
            }
        }
        let mut head = |name, map: &Linear, input: &Var, n_heads| {
            let y = ctx.at(name, |ctx| map.forward(input, ctx))?; // (B, T, H·D)
            let (batch, len, channels) = (y.dims()[0], y.dims()[1], y.dims()[2]);
            let y = y.reshape([batch, len, n_heads, channels / n_heads])?;
            Ok::<_, Error>(y.transpose(1, 2)?) // (B, H, T, D)
        };
        Ok([
            head("q", &self.q, x, self.n_heads)?,
            head("k", &self.k, memory, self.n_kv_heads)?,
            head("v", &self.v, memory, self.n_kv_heads)?,
        ])
    }

    /// Queries and keys turned by their places, of which `start` is the first.
    fn turned(&self, [q, k, v]: [Var; 3], start: usize) -> Result<[Var; 3]> {
        match self.rope {
            Some(base) => Ok([q.rope(start, base)?, k.rope(start, base)?, v]),
            None => Ok([q, k, v]),
        }
    }

    /// The mask with the bias by distance, if there is one. `x` has the queries, `[.., T, _]`; the first of
    /// them and the first key stand at the given places.
    fn biased(
        &self,
        x: &Var,
        starts: [usize; 2],
        n_keys: usize,
        mask: Option<&Tensor>,
    ) -> Result<Option<Tensor>> {
        if !self.alibi {
            return Ok(mask.cloned());
        }
        let n_queries = x.size(-2)?;
        let bias = alibi_bias(self.n_heads, starts, [n_queries, n_keys])?.to_dtype(x.dtype())?;
        Ok(Some(match mask {
            None => bias,
            Some(mask) if mask.dtype() == DType::Bool => {
                Tensor::where_cond(mask, &bias, &Tensor::full_like(&bias, f64::NEG_INFINITY))?
            }
            Some(mask) => mask.add(&bias)?,
        }))
    }

    fn mix(&self, q: &Var, k: &Var, v: &Var, mask: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        ctx.count(4 * (q.len() * k.dims()[2]) as u64);
        let heads = Var::attention(q, k, v, self.options(mask, ctx)?)?; // (B, H, T, D)
        let (batch, len) = (heads.dims()[0], heads.dims()[2]);
        let joined = heads.transpose(1, 2)?.reshape([batch, len, self.q.out_features()])?;
        ctx.at("out", |ctx| self.out.forward(&joined, ctx)) // (B, T, C)
    }

    fn options<'a>(&self, mask: Option<&'a Tensor>, ctx: &mut Ctx) -> Result<AttentionOptions<'a>> {
        let dropout = if ctx.is_train() && self.dropout > 0.0 {
            Some((self.dropout, ctx.next_key()?))
        } else {
            None
        };
        let Self { causal, window, .. } = *self;
        Ok(AttentionOptions { scale: None, causal, window, mask, dropout })
    }
}

impl Layer for MultiHeadAttention {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.look_at_self(x, None, ctx)
    }
}
