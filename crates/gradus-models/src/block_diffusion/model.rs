//! The transformer of block diffusion, and how it is trained.

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};
use gradus_core::{Key, Keys};
use gradus_nn::{Causal, Ctx};
use gradus_tensor::Tensor;

use super::cached::CachedBlocks;
use super::sight;
use crate::conditioned::Conditioned;
use crate::error::{Error, Result, require};
use crate::hidden::Hidden;
use crate::transformer::Transformer;
use crate::transformer_config::{Positions, TransformerConfig};

/// A transformer of `p(block | blocks before)`, each of which is a masked diffusion of its tokens: between a
/// [`Gpt`](crate::Gpt) (blocks of one token) and a [`MaskedTransformer`](crate::MaskedTransformer) (one block).
///
/// A position of a block sees the whole block, with what is hidden in it, and the known tokens of earlier
/// blocks; of these each sees its own block and those before, so that they need not be computed
/// again for later blocks: [`BlockDiffusion::cached`].
///
/// # Reference
/// Arriola et al. 2025, "Block Diffusion: Interpolating Between Autoregressive and Diffusion Language Models" (BD3-LM).
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Blocks, Parallel, Request, Strategy};
/// use gradus_models::{BlockDiffusion, TransformerConfig};
///
/// let config = TransformerConfig { n_layers: 1, width: 16, ..TransformerConfig::new(5, 12) };
/// let model = BlockDiffusion::new(&config, 4, &mut Keys::new(7))?;
/// let blocks = Blocks { size: 4, inner: Parallel { calls: 2, ..Parallel::default() } };
/// let plain = blocks.run(&model, Request::blank(12).seed(7))?.collect_all()?;
/// let model = model.cached([])?;
/// let cached = blocks.run(&model, Request::blank(12).seed(7))?.collect_all()?;
/// assert_eq!(cached.row(0), plain.row(0));
/// assert_eq!((plain.stats.calls, cached.stats.calls), (6, 6 + 2)); // two blocks were stored
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BlockDiffusion {
    pub(super) net: Transformer,
    pub(super) block: usize,
}

impl BlockDiffusion {
    /// Draws the initial parameters of a model whose blocks have so many positions.
    ///
    /// # Errors
    /// [`Error::Config`] naming the field that cannot be; rotary positions cannot.
    pub fn new(config: &TransformerConfig, block: usize, keys: &mut Keys) -> Result<Self> {
        const NAME: &str = "BlockDiffusion";
        require(block > 0, NAME, "block", "above zero", block)?;
        // The noisy twin of a token would be turned as if it stood behind all of them.
        let (learned, places) = (config.positions == Positions::Learned, config.positions);
        require(learned, NAME, "positions", "learned", places)?;
        Ok(Self { net: Transformer::new(NAME, config, 1, Causal::No, keys)?, block })
    }

    /// The size of the model.
    pub fn config(&self) -> &TransformerConfig {
        &self.net.config
    }

    /// Positions of a block.
    pub fn block_size(&self) -> usize {
        self.block
    }

    /// The id that stands for a masked position.
    pub fn mask_id(&self) -> u32 {
        (self.config().vocab + self.config().classes) as u32
    }

    /// Logits for every position of `noisy`, in which [`BlockDiffusion::mask_id`] may stand, given the tokens of
    /// earlier blocks in `clean`, all in one pass over both.
    ///
    /// # Shapes
    /// - `noisy`, `clean`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[B, T, V]`
    ///
    /// # Errors
    /// [`Error::InputShape`], [`Error::Context`], [`Error::Token`], [`Error::Classes`] or [`Error::Class`].
    ///
    /// # Reference
    /// Arriola et al. 2025, section 3.2 and appendix B.6, for the mask.
    pub fn forward(
        &self,
        noisy: &Tensor,
        clean: &Tensor,
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.net.logits(&self.hidden(noisy, clean, classes, ctx)?, ctx)
    }

    /// An unbiased estimate of the bound on −ln p(tokens), in nats per token: the sum over blocks of the masked
    /// diffusion bound given the blocks before.
    ///
    /// Each block hides n of its S positions, n uniform on 1..=S and the positions uniform, and costs S times the mean
    /// of `−ln p(x_i | known in the block, blocks before)` over the hidden ones. The n of all blocks and rows are
    /// spread evenly. With blocks of one token it is the exact negative log-likelihood.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no token, and as [`BlockDiffusion::forward`].
    ///
    /// # Reference
    /// Arriola et al. 2025, eq. 8, with the count in place of a time as in
    /// [`MaskedTransformer::loss`](crate::MaskedTransformer::loss).
    pub fn loss(
        &self,
        tokens: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.net.ids(tokens, classes, None)?;
        if tokens.is_empty() {
            let (name, expected, got) = ("tokens", "[B, T], not empty", tokens.shape().clone());
            return Err(Error::InputShape { model: self.net.model, name, expected, got });
        }
        let (rows, len) = (tokens.size(0)?, tokens.size(1)?);
        let Hidden { places, weights } = Hidden::draw_in_blocks(rows, len, self.block, key);
        let mut noisy = tokens.to_vec::<i64>()?;
        let targets: Vec<i64> = places.iter().map(|&place| noisy[place]).collect();
        places.iter().for_each(|&place| noisy[place] = i64::from(self.mask_id()));
        let noisy = Tensor::from_vec(noisy, [rows, len])?;
        let x = self.hidden(&noisy, tokens, classes, ctx)?.flatten(0, 1)?; // (B·T, C)
        let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
        let logits = self.net.logits(&x.index_select(0, &Tensor::from(places))?, ctx)?; // (M, V)
        let nats = logits.cross_entropy(&Tensor::from(targets))?;
        let weights = Tensor::from(weights).to_dtype(nats.dtype())?;
        Ok(nats.mul(&weights.into())?.sum(..)?)
    }

    /// The model with one class for each row of a request.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range.
    pub fn conditioned(&self, classes: impl Into<Vec<u32>>) -> Result<Conditioned<'_, Self>> {
        Conditioned::new(self, &self.net, classes.into())
    }

    /// The model with a memory of the blocks that are known, with one class for each row of a request (none if it knows
    /// none). Its answers are those of the model itself, bit for bit.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range; [`Error::Classes`] for classes that the model does not know.
    pub fn cached(&self, classes: impl Into<Vec<u32>>) -> Result<CachedBlocks<'_>> {
        CachedBlocks::new(self, classes.into())
    }

    /// Positions before the first token: that of the class.
    pub(super) fn lead(&self) -> usize {
        usize::from(self.config().classes > 0)
    }

    /// Hidden vectors `[B, T, C]` of the noisy positions.
    fn hidden(
        &self,
        noisy: &Tensor,
        clean: &Tensor,
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let ids = self.net.ids(clean, classes, None)?; // (B, lead + T)
        if noisy.dims() != clean.dims() {
            let (name, expected, got) = ("noisy", "that of clean", noisy.shape().clone());
            return Err(Error::InputShape { model: self.net.model, name, expected, got });
        }
        // Checked like the clean ones; the class is there already.
        let noisy = self.net.ids(noisy, classes, Some(self.mask_id()))?;
        let (lead, len) = (self.lead(), clean.size(1)?);
        let ids = Tensor::cat(&[&ids, &noisy.narrow(1, lead, len)?], 1)?;
        let places = (0..lead + len).chain(lead..lead + len);
        let mask = sight::of_training(lead, len, self.block)?;
        let x = self.net.hidden_masked(&ids, places, &mask, ctx)?;
        Ok(x.narrow(1, lead + len, len)?)
    }
}

/// The parameters are those of the network, without a name before them.
impl Module for BlockDiffusion {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.net.visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.net.visit_mut(path, f);
    }
}
