//! Which ids a transformer takes: the vocabulary, then the classes, then the mask.

use gradus_tensor::Tensor;

use crate::error::{Error, Result};
use crate::transformer::Transformer;
use crate::transformer_config::TransformerConfig;

impl Transformer {
    /// Tokens `[B, T]` as ids: the class's before them if there are classes. `mask` may stand among
    /// the tokens.
    pub(crate) fn ids(
        &self,
        tokens: &Tensor,
        classes: Option<&Tensor>,
        mask: Option<u32>,
    ) -> Result<Tensor> {
        let &[rows, len] = tokens.dims() else {
            let (name, expected, got) = ("tokens", "[B, T]", tokens.shape().clone());
            return Err(Error::InputShape { model: self.model, name, expected, got });
        };
        self.check_context(len)?;
        let mask = mask.map(i64::from);
        for token in tokens.to_vec::<i64>()?.into_iter().filter(|&t| Some(t) != mask) {
            self.check_token(token)?;
        }
        let classes = classes.map(Tensor::to_vec::<i64>).transpose()?.unwrap_or_default();
        let classes = self.class_ids(rows, &classes)?;
        if classes.is_empty() {
            return Ok(tokens.clone());
        }
        Ok(Tensor::cat(&[&Tensor::from_vec(classes, [rows, 1])?, tokens], 1)?)
    }

    /// The id of each row's class; none if the model knows no classes.
    pub(crate) fn class_ids(&self, rows: usize, classes: &[i64]) -> Result<Vec<i64>> {
        let TransformerConfig { vocab, classes: known, .. } = self.config;
        let (expected, got) = (if known > 0 { rows } else { 0 }, classes.len());
        if expected != got {
            return Err(Error::Classes { model: self.model, expected, got });
        }
        match classes.iter().find(|&&class| !(0..known as i64).contains(&class)) {
            Some(&class) => Err(Error::Class { model: self.model, class, classes: known }),
            None => Ok(classes.iter().map(|class| vocab as i64 + class).collect()),
        }
    }

    /// Refuses more positions than there are, the class's place not counted.
    pub(crate) fn check_context(&self, got: usize) -> Result<()> {
        let context = self.config.context;
        if got <= context {
            Ok(())
        } else {
            Err(Error::Context { model: self.model, got, context })
        }
    }

    /// Refuses a class's id, the mask and everything beyond.
    pub(crate) fn check_token(&self, token: i64) -> Result<()> {
        let vocab = self.config.vocab;
        let known = (0..vocab as i64).contains(&token);
        if known { Ok(()) } else { Err(Error::Token { model: self.model, token, vocab }) }
    }
}
