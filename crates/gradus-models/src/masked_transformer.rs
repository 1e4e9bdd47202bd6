//! The masked transformer, and how it is trained.

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};
use gradus_core::{Key, Keys, Kind};
use gradus_nn::{Causal, Ctx};
use gradus_tensor::{Classes, Tensor};

use crate::conditioned::Conditioned;
use crate::error::{Error, Result};
use crate::hidden::Hidden;
use crate::masked_loss::{MaskedLoss, Masking};
use crate::transformer::Transformer;
use crate::transformer_config::TransformerConfig;

/// A bidirectional transformer of `p(x_i | known)`, trained as a masked diffusion model.
///
/// It has the size of a [`Gpt`](crate::Gpt) of the same configuration plus one row of the token
/// table, for the mask. It is not told a time: how much is known can be seen.
///
/// # Reference
/// Sahoo et al. 2024, "Simple and Effective Masked Diffusion Language Models" (MDLM);
/// Nie et al. 2025, "Large Language Diffusion Models" (LLaDA).
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Parallel, Request, Strategy};
/// use gradus_models::{MaskedTransformer, TransformerConfig};
///
/// let config = TransformerConfig { n_layers: 1, width: 16, ..TransformerConfig::new(5, 8) };
/// let model = MaskedTransformer::new(&config, &mut Keys::new(7))?;
/// let four_calls = Parallel { calls: 4, ..Parallel::default() };
/// let out = four_calls.run(&model, Request::blank(8).seed(7))?.collect_all()?;
/// assert_eq!(out.row(0).len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MaskedTransformer {
    pub(crate) net: Transformer,
}

impl MaskedTransformer {
    /// Draws the initial parameters.
    ///
    /// # Errors
    /// [`Error::Config`] naming the field that cannot be.
    pub fn new(config: &TransformerConfig, keys: &mut Keys) -> Result<Self> {
        Ok(Self { net: Transformer::new("MaskedTransformer", config, 1, Causal::No, keys)? })
    }

    /// The size of the model.
    pub fn config(&self) -> &TransformerConfig {
        &self.net.config
    }

    /// The id that stands for a masked position in [`MaskedTransformer::forward`].
    pub fn mask_id(&self) -> u32 {
        (self.config().vocab + self.config().classes) as u32
    }

    /// Logits for every position of `tokens`, in which [`MaskedTransformer::mask_id`] may stand.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[B, T, V]`
    ///
    /// # Errors
    /// [`Error::Context`] if T exceeds the context; [`Error::Token`], [`Error::Classes`] or
    /// [`Error::Class`] if the model does not know what it is given.
    pub fn forward(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        self.net.logits(&self.hidden(tokens, classes, ctx)?, ctx)
    }

    /// An unbiased estimate of the masked-diffusion bound on −ln p(tokens), in nats per token.
    ///
    /// Each row hides n of its T positions, n uniform on 1..=T and the positions uniform, and the
    /// loss is the mean of `−ln p(x_i | known)` over the hidden ones; then the mean over rows. The
    /// bound `E_t[(1/t) Σ over masked i of −ln p(x_i | known)] / T` with masking probability t
    /// uniform on (0, 1) is the same number, but its estimate has an unbounded weight 1/t. The n
    /// of a batch are spread evenly over 1..=T, which lowers the variance.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no token, and as [`MaskedTransformer::forward`]; the mask
    /// is no token to predict.
    ///
    /// # Reference
    /// Nie et al. 2025, eq. 6 and 14; Hoogeboom et al. 2022, "Autoregressive Diffusion Models",
    /// eq. 4; the even spread is that of Kingma et al. 2021, "Variational Diffusion Models".
    pub fn loss(
        &self,
        tokens: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.loss_with(MaskedLoss::MDLM, tokens, classes, key, ctx)
    }

    /// Another loss of masked models, in nats: see the table of [`MaskedLoss`].
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// As [`MaskedTransformer::loss`]; [`Error::Config`] if a share is out of range.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::{Key, Keys};
    /// use gradus_models::{MaskedLoss, MaskedTransformer, TransformerConfig};
    /// use gradus_nn::Ctx;
    /// use gradus_tensor::Tensor;
    ///
    /// let config = TransformerConfig { n_layers: 1, width: 16, ..TransformerConfig::new(5, 8) };
    /// let model = MaskedTransformer::new(&config, &mut Keys::new(7))?;
    /// let tokens = Tensor::new([[0, 1, 2, 3], [4, 3, 2, 1]]);
    /// let ctx = &mut Ctx::train(Key::new(1));
    /// for loss in [MaskedLoss::MASKGIT, MaskedLoss::CMLM, MaskedLoss::LLADA] {
    ///     assert!(model.loss_with(loss, &tokens, None, Key::new(2), ctx)?.item()? > 0.0);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn loss_with(
        &self,
        loss: MaskedLoss,
        tokens: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        loss.check()?;
        self.net.ids(tokens, classes, None)?;
        if tokens.is_empty() {
            let (name, expected, got) = ("tokens", "[B, T], not empty", tokens.shape().clone());
            return Err(Error::InputShape { model: self.net.model, name, expected, got });
        }
        let tokens = &cut(loss.masking, tokens, key)?;
        let (rows, len) = (tokens.size(0)?, tokens.size(1)?);
        let Hidden { places, weights } = Hidden::draw(loss.masking, rows, len, key);
        let mut seen = tokens.to_vec::<i64>()?;
        let targets: Vec<i64> = places.iter().map(|&place| seen[place]).collect();
        places.iter().for_each(|&place| seen[place] = i64::from(self.mask_id()));
        let seen = Tensor::from_vec(seen, [rows, len])?;
        let logits = self.logits_at(&seen, classes, &places, ctx)?; // (M, V)
        let nats = logits.cross_entropy_with(Classes {
            targets: Tensor::from(targets),
            smoothing: loss.label_smoothing,
            ignore: None,
        })?; // (M)
        let weights = Tensor::from(weights).to_dtype(nats.dtype())?;
        Ok(nats.mul(&Var::constant(weights))?.sum(..)?)
    }

    /// The vectors of classes, which can be a condition of a [`LengthPredictor`](crate::LengthPredictor).
    ///
    /// # Shapes
    /// - `classes`: `i64` `[B]` → `[B, C]`
    ///
    /// # Errors
    /// [`Error::Class`] if one is out of range, [`Error::Classes`] if the model knows none.
    pub fn class_vectors(&self, classes: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.net.class_ids(classes.len(), &classes.to_vec::<i64>()?)?;
        self.net.vectors(&Tensor::from_vec(ids, classes.shape())?, ctx)
    }

    /// The model with one class for each row of a request, for the strategies.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_generate::{Parallel, Request, Strategy};
    /// use gradus_models::{MaskedTransformer, TransformerConfig};
    ///
    /// let config = TransformerConfig { classes: 3, width: 16, ..TransformerConfig::new(5, 8) };
    /// let model = MaskedTransformer::new(&config, &mut Keys::new(7))?;
    /// let model = model.conditioned([2, 0])?;
    /// let two = Parallel::default().run(&model, Request::blank(8).rows(2))?.collect_all()?;
    /// assert_eq!(two.row(1).len(), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn conditioned(&self, classes: impl Into<Vec<u32>>) -> Result<Conditioned<'_, Self>> {
        Conditioned::new(self, &self.net, classes.into())
    }

    /// Logits `[M, V]` at places of the flattened `tokens` `[B·T]`; no others are computed.
    pub(crate) fn logits_at(
        &self,
        tokens: &Tensor,
        classes: Option<&Tensor>,
        places: &[usize],
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
        let x = self.hidden(tokens, classes, ctx)?.flatten(0, 1)?; // (B·T, C)
        self.net.logits(&x.index_select(0, &Tensor::from(places))?, ctx)
    }

    /// Hidden vectors `[B, T, C]`, without that of the class.
    fn hidden(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.net.ids(tokens, classes, Some(self.mask_id()))?;
        let x = self.net.hidden(&ids, ctx)?;
        let (all, len) = (ids.size(1)?, tokens.size(1)?);
        Ok(x.narrow(1, all - len, len)?)
    }
}

/// The first positions of all rows, if this is one of the batches that are cut.
fn cut(masking: Masking, tokens: &Tensor, key: Key) -> Result<Tensor> {
    let Masking::Independent { cut, .. } = masking else { return Ok(tokens.clone()) };
    let (key, len) = (key.kind(Kind::Shuffle), tokens.size(1)?);
    if key.uniform(0) >= cut {
        return Ok(tokens.clone());
    }
    let short = 1 + ((len as f64 * key.uniform(1)) as usize).min(len - 1);
    Ok(tokens.narrow(1, 0, short)?)
}

/// The parameters are those of the network, without a name before them.
impl Module for MaskedTransformer {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.net.visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.net.visit_mut(path, f);
    }
}
