//! The recurrent language model, and how it is trained.

use gradus_autograd::Var;
use gradus_nn::{Ctx, Dropout, Embedding, Layer, Linear, Module};
use gradus_tensor::Tensor;

use super::config::RnnLmConfig;
use super::recurrent::Recurrent;
use crate::conditioned::Conditioned;
use crate::error::{Error, Result};
use crate::inputs::{check_classes, token_dims};

pub(crate) const NAME: &str = "RnnLm";

/// A recurrent language model, `p(x_t | x_<t)`: vectors of tokens, layers of an RNN, LSTM or GRU, a head.
///
/// What it remembers has one size, however long the text: there is no context to run out of.
///
/// Without classes the first token of a sequence must be given. With classes the class's token
/// is read before the first one, and every token is predicted.
///
/// It implements [`gradus_generate::Causal`] with the layers' states for its own; whatever the split into
/// calls, the rows beside, and the rewinds, logits have the bits of [`RnnLm::forward`].
///
/// # Reference
/// Mikolov et al. 2010, "Recurrent neural network based language model"; Zaremba, Sutskever & Vinyals 2014,
/// "Recurrent Neural Network Regularization", for where dropout stands; Press & Wolf 2017, "Using the Output
/// Embedding to Improve Language Models", for tied heads, which are without a bias here.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::{Ar, Request, Strategy};
/// use gradus_models::{RnnKind, RnnLmConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let size = RnnLmConfig { embedding_dim: 8, hidden_size: 16, ..RnnLmConfig::new(5) };
/// let lm = RnnLmConfig { kind: RnnKind::Gru, ..size }.init(&mut Keys::new(7))?;
/// assert!(lm.loss(&Tensor::new([[1, 2, 3, 1]]), None, &mut Ctx::eval())?.item()? > 0.0);
/// let text = Ar::default().run(&lm, Request::new([1, 2]).seed(7).max(6))?.collect_all()?;
/// assert_eq!(text.row(0).len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct RnnLm {
    /// `[V + classes, E]`.
    pub(crate) token: Embedding,
    pub(crate) rnn: Recurrent,
    /// None if the table of the tokens is the head.
    pub(crate) head: Option<Linear>,
    #[module(skip)]
    pub(crate) dropout: Dropout,
    #[module(skip)]
    pub(crate) config: RnnLmConfig,
}

impl RnnLm {
    /// The size of the model.
    pub fn config(&self) -> &RnnLmConfig {
        &self.config
    }

    /// Logits of the token after each prefix of `tokens`.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]` → `[B, T, V]`: entry t predicts token t + 1
    /// - with `classes`, `i64` `[B]` → `[B, 1 + T, V]`: entry t predicts token t
    ///
    /// # Errors
    /// [`Error::Token`], [`Error::Classes`] or [`Error::Class`] if the model does not know what it is given.
    pub fn forward(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.ids(tokens, classes)?;
        if ids.is_empty() {
            let dims = [ids.dims()[0], ids.dims()[1], self.config.vocab];
            return Ok(Var::constant(Tensor::zeros(dims, self.token.weight.dtype())?));
        }
        self.logits(&self.hidden(&ids, None, ctx)?.0, ctx)
    }

    /// Mean of −ln p(target) over all targets, in nats per token.
    ///
    /// Without classes, the T − 1 tokens after the first are targets; with classes all T are.
    ///
    /// # Shapes
    /// - `tokens`: `i64` `[B, T]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no target, and as [`RnnLm::forward`].
    pub fn loss(&self, tokens: &Tensor, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let ids = self.ids(tokens, classes)?; // (B, T) or (B, 1 + T)
        let len = ids.dims()[1];
        if ids.is_empty() || len < 2 {
            let expected = "[B, T] with at least one target";
            let got = tokens.shape().clone();
            return Err(Error::InputShape { model: NAME, name: "tokens", expected, got });
        }
        let targets = ids.narrow(1, 1, len - 1)?.flatten(0, 1)?;
        let (x, _) = self.hidden(&ids.narrow(1, 0, len - 1)?, None, ctx)?;
        let logits = self.logits(&x, ctx)?.flatten(0, 1)?; // (B·T, V)
        Ok(logits.cross_entropy(&targets)?.mean(..)?)
    }

    /// The model with one class for each row of a request, for the strategies.
    ///
    /// # Errors
    /// [`Error::Class`] if a class is out of range, [`Error::Classes`] if the model knows none.
    pub fn conditioned(&self, classes: impl Into<Vec<u32>>) -> Result<Conditioned<'_, Self>> {
        let classes: Vec<i64> = classes.into().into_iter().map(i64::from).collect();
        check_classes(NAME, Some(&classes.clone().into()), classes.len(), self.config.classes)?;
        Ok(Conditioned::of(self, classes))
    }

    /// Outputs of the last layer, `[B, T, H]`, of ids `[B, T]`, and the states after them.
    pub(crate) fn hidden(
        &self,
        ids: &Tensor,
        start: Option<&[Var]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, Vec<Var>)> {
        let x = ctx.at("token", |ctx| self.token.forward_ids(ids, ctx))?; // (B, T, E)
        let x = self.dropout.forward(&x, ctx)?;
        let (y, end) = ctx.at("rnn", |ctx| self.rnn.run(&x, start, ctx))?;
        Ok((self.dropout.forward(&y, ctx)?, end))
    }

    /// Logits `[..., V]` of outputs `[..., H]`.
    pub(crate) fn logits(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        match &self.head {
            Some(head) => Ok(ctx.at("head", |ctx| head.forward(x, ctx))?),
            None => {
                let weight = self.token.weight.var().narrow(0, 0, self.config.vocab)?; // (V, E)
                Ok(x.linear(&weight, None)?)
            }
        }
    }

    /// Tokens `[B, T]` as ids: the class's before them if there are classes.
    fn ids(&self, tokens: &Tensor, classes: Option<&Tensor>) -> Result<Tensor> {
        let RnnLmConfig { vocab, classes: known, .. } = self.config;
        let [rows, _] = token_dims(NAME, tokens, vocab)?;
        check_classes(NAME, classes, rows, known)?;
        let Some(classes) = classes else { return Ok(tokens.clone()) };
        let first = classes.add_scalar(vocab as f64)?.unsqueeze(1)?;
        Ok(Tensor::cat(&[&first, tokens], 1)?)
    }
}
