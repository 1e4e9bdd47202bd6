//! The network that the causal and the masked transformer share.

use gradus_autograd::Var;
use gradus_core::{DType, Keys};
use gradus_nn::{
    Causal, Ctx, Dropout, Embedding, KvCache, KvCacheLayer, Layer, LayerNorm, Linear, LinearConfig,
    Module, Param, TransformerBlock, TransformerBlockConfig, init,
};
use gradus_tensor::Tensor;

use crate::error::Result;
use crate::transformer_config::{Positions, TransformerConfig};

/// Embeddings, blocks, a final norm and a head.
#[derive(Debug, Clone, Module)]
pub(crate) struct Transformer {
    token: Embedding,
    /// None if queries and keys are turned instead.
    position: Option<Embedding>,
    #[module(skip)]
    dropout: Dropout,
    blocks: Vec<TransformerBlock>,
    norm: LayerNorm,
    /// None if the table of the tokens is the head.
    head: Option<Linear>,
    #[module(skip)]
    pub(crate) config: TransformerConfig,
    /// The model's name in errors.
    #[module(skip)]
    pub(crate) model: &'static str,
}

impl Transformer {
    /// A network whose table has `extra` rows after those of the tokens and the classes.
    pub(crate) fn new(
        model: &'static str,
        config: &TransformerConfig,
        extra: usize,
        causal: Causal,
        keys: &mut Keys,
    ) -> Result<Self> {
        config.check(model)?;
        let TransformerConfig { vocab, width, dropout, activation, .. } = *config;
        let block = TransformerBlockConfig {
            dropout,
            causal,
            activation,
            n_kv_heads: config.n_kv_heads.unwrap_or(config.n_heads),
            rope: config.rope(),
            ..TransformerBlockConfig::new(width, config.n_heads)
        };
        let untied = LinearConfig { bias: false, ..LinearConfig::new(width, vocab) };
        Ok(Self {
            token: table(config, vocab + config.classes + extra, keys)?,
            position: (config.positions == Positions::Learned)
                .then(|| table(config, config.places(), keys))
                .transpose()?,
            dropout: Dropout::new(dropout)?,
            blocks: (0..config.n_layers)
                .map(|_| block.init(keys))
                .collect::<gradus_nn::Result<_>>()?,
            norm: LayerNorm::new(width)?,
            head: (!config.tie_word_embeddings).then(|| untied.init(keys)).transpose()?,
            config: config.clone(),
            model,
        })
    }

    /// Hidden vectors `[B, T, C]` of ids `[B, T]`.
    pub(crate) fn hidden(&self, ids: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        let mut x = self.embed(ids, 0, ctx)?; // (B, T, C)
        for (i, block) in self.blocks.iter().enumerate() {
            x = ctx.at(format_args!("blocks.{i}"), |ctx| block.forward(&x, ctx))?;
        }
        Ok(x)
    }

    /// Hidden vectors of ids `[B, T]` at places `start..` that follow what the cache holds, which
    /// grows by T.
    pub(crate) fn hidden_cached(
        &self,
        ids: &Tensor,
        start: usize,
        cache: &mut KvCache,
    ) -> Result<Var> {
        self.hidden_after(ids, start, cache, TransformerBlock::forward_cached)
    }

    /// The same for a block of ids that see each other.
    pub(crate) fn hidden_block(
        &self,
        ids: &Tensor,
        start: usize,
        cache: &mut KvCache,
    ) -> Result<Var> {
        self.hidden_after(ids, start, cache, TransformerBlock::forward_block)
    }

    fn hidden_after(
        &self,
        ids: &Tensor,
        start: usize,
        cache: &mut KvCache,
        forward: impl Fn(&TransformerBlock, &Var, &mut KvCacheLayer, &mut Ctx) -> gradus_nn::Result<Var>,
    ) -> Result<Var> {
        let ctx = &mut Ctx::eval();
        let mut x = self.embed(ids, start, ctx)?;
        for (i, (block, layer)) in self.blocks.iter().zip(cache.layers_mut()).enumerate() {
            x = ctx.at(format_args!("blocks.{i}"), |ctx| forward(block, &x, layer, ctx))?;
        }
        Ok(x)
    }

    /// Hidden vectors of ids `[B, T]` at given places, where a position sees what `mask` `[T, T]` says.
    pub(crate) fn hidden_masked(
        &self,
        ids: &Tensor,
        places: impl IntoIterator<Item = usize>,
        mask: &Tensor,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let places: Vec<i64> = places.into_iter().map(|place| place as i64).collect();
        let mut x = self.embed_at(ids, &Tensor::from(places), ctx)?;
        for (i, block) in self.blocks.iter().enumerate() {
            let at = format_args!("blocks.{i}");
            x = ctx.at(at, |ctx| block.forward_masked(&x, mask, ctx))?;
        }
        Ok(x)
    }

    /// The vectors of ids, `i64` of any shape.
    pub(crate) fn vectors(&self, ids: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        let x = ctx.at("token", |ctx| self.token.forward_ids(ids, ctx))?;
        Ok(x.to_dtype(self.norm.weight.dtype())?)
    }

    /// Logits `[..., V]` of hidden vectors `[..., C]`.
    pub(crate) fn logits(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let x = ctx.at("norm", |ctx| self.norm.forward(x, ctx))?;
        match &self.head {
            Some(head) => Ok(ctx.at("head", |ctx| head.forward(&x, ctx))?),
            None => self.tied_logits(&x),
        }
    }

    /// The products of hidden vectors with the rows of the tokens.
    fn tied_logits(&self, x: &Var) -> Result<Var> {
        let weight = self.token.weight.var().narrow(0, 0, self.config.vocab)?; // (V, C)
        Ok(x.linear(&weight, None)?)
    }

    /// A cache for [`Transformer::hidden_cached`].
    pub(crate) fn cache(&self) -> KvCache {
        KvCache::new(self.blocks.len())
    }

    fn embed(&self, ids: &Tensor, start: usize, ctx: &mut Ctx) -> Result<Var> {
        let end = start + ids.size(1)?;
        let places = Tensor::arange(start as f64, end as f64, 1.0, DType::I64)?;
        self.embed_at(ids, &places, ctx)
    }

    fn embed_at(&self, ids: &Tensor, places: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        // Tables may be narrower than what is computed with.
        let dtype = self.norm.weight.dtype();
        let mut x = ctx.at("token", |ctx| self.token.forward_ids(ids, ctx))?.to_dtype(dtype)?;
        if let Some(position) = &self.position {
            let position = ctx.at("position", |ctx| position.forward_ids(places, ctx))?;
            x = x.add(&position.to_dtype(dtype)?)?;
        }
        Ok(self.dropout.forward(&x, ctx)?)
    }
}

/// A table of `rows` vectors. PyTorch's law would make the logits of a tied head far too large, so
/// that GPT-2's is taken there: N(0, 0.02²).
fn table(config: &TransformerConfig, rows: usize, keys: &mut Keys) -> Result<Embedding> {
    const STD: f64 = 0.02;
    if !config.tie_word_embeddings {
        return Ok(Embedding::new(rows, config.width, keys)?);
    }
    let weight = init::normal([rows, config.width], 0.0, STD, keys.next_key())?;
    Ok(Embedding { weight: Param::new(weight), padding_idx: None })
}
