//! The causal transformer, and how it is trained.

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};
use gradus_core::Keys;
use gradus_nn::{Causal, Ctx};
use gradus_tensor::Tensor;

use crate::conditioned::Conditioned;
use crate::error::{Error, Result};
use crate::transformer::Transformer;
use crate::transformer_config::TransformerConfig;

/// A causal transformer, `p(x_t | x_<t)`: learned or rotary positions, pre-norm blocks, a head.
///
/// Without classes the first token of a sequence must be given. With classes the class's token
/// stands before the first position, and every position is predicted.
///
/// It implements [`gradus_generate::Causal`] with a cache of keys and values, in `f32` and `f64`:
/// whatever the split into calls, the rows beside, and the rewinds, logits have the same bits.
///
/// # Reference
/// Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". By default the head
/// is not tied to the embedding, and GELU is exact; [`TransformerConfig::gpt2`] is as in the paper. Weights
/// start as PyTorch's layers do, the tables of a tied head as GPT-2's.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Ar, Request, Strategy};
/// use gradus_models::{Gpt, TransformerConfig};
///
/// let config = TransformerConfig { n_layers: 1, width: 16, ..TransformerConfig::new(5, 8) };
/// let gpt = Gpt::new(&config, &mut Keys::new(7))?;
/// let text = Ar::default().run(&gpt, Request::new([1, 2]).seed(7).max(6))?.collect_all()?;
/// assert_eq!(text.row(0).len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gpt {
    pub(crate) net: Transformer,
}

impl Gpt {
    /// Draws the initial parameters.
    ///
    /// # Errors
    /// [`Error::Config`] naming the field that cannot be.
    pub fn new(config: &TransformerConfig, keys: &mut Keys) -> Result<Self> {
        Ok(Self { net: Transformer::new("Gpt", config, 0, Causal::Yes, keys)? })
    }

    /// The size of the model.
    pub fn config(&self) -> &TransformerConfig {
        &self.net.config
    }

    /// Logits of the token after each prefix of `tokens`.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]` → `[B, T, V]`: entry t predicts token t + 1
    /// - with `classes`, `i64` `[B]` → `[B, 1 + T, V]`: entry t predicts token t
    ///
    /// # Errors
    /// [`Error::Context`] if T exceeds the context; [`Error::Token`], [`Error::Classes`] or
    /// [`Error::Class`] if the model does not know what it is given.
    pub fn forward(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.net.ids(tokens, classes, None)?;
        self.net.logits(&self.net.hidden(&ids, ctx)?, ctx)
    }

    /// Mean of −ln p(target) over all targets, in nats per token.
    ///
    /// Without classes, the T − 1 tokens after the first are targets; with classes all T are.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no target, and as [`Gpt::forward`].
    pub fn loss(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.net.ids(tokens, classes, None)?; // (B, T) or (B, 1 + T)
        let &[rows, len] = ids.dims() else { unreachable!("`ids` checked that there are two") };
        if rows == 0 || len < 2 {
            let expected = "[B, T] with at least one target";
            let got = tokens.shape().clone();
            return Err(Error::InputShape { model: "Gpt", name: "tokens", expected, got });
        }
        let targets = ids.narrow(1, 1, len - 1)?.flatten(0, 1)?;
        let x = self.net.hidden(&ids.narrow(1, 0, len - 1)?, ctx)?;
        let logits = self.net.logits(&x, ctx)?.flatten(0, 1)?; // (B·T, V)
        Ok(logits.cross_entropy(&targets)?.mean(..)?)
    }

    /// The model with one class for each row of a request, for the strategies.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_generate::{Ar, Request, Strategy};
    /// use gradus_models::{Gpt, TransformerConfig};
    ///
    /// let config = TransformerConfig { classes: 3, width: 16, ..TransformerConfig::new(5, 8) };
    /// let gpt = Gpt::new(&config, &mut Keys::new(7))?;
    /// let model = gpt.conditioned([2, 0])?;
    /// let two = Ar::default().run(&model, Request::blank(8).rows(2).seed(7))?.collect_all()?;
    /// assert_eq!(two.row(1).len(), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn conditioned(&self, classes: impl Into<Vec<u32>>) -> Result<Conditioned<'_, Self>> {
        Conditioned::new(self, &self.net, classes.into())
    }
}

/// The parameters are those of the network, without a name before them.
impl Module for Gpt {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.net.visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.net.visit_mut(path, f);
    }
}
