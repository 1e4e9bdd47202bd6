//! A convolutional network over characters.

use anyhow::Result;
use gradus::nn::{Conv1d, Conv1dConfig, Dropout, Embedding, Linear};
use gradus::prelude::*;
use gradus::tensor::Pool1dOptions;

/// Two convolutions, the largest value of each feature in the whole message, and a linear layer.
///
/// # Shapes
/// - ids `[B, T]` → logits `[B, 2]`
#[derive(Debug, Module)]
pub(crate) struct CharCnn {
    embedding: Embedding,
    conv1: Conv1d,
    conv2: Conv1d,
    #[module(skip)]
    dropout: Dropout,
    output: Linear,
}

impl CharCnn {
    pub(crate) fn new(vocab: usize, keys: &mut Keys) -> Result<Self> {
        Ok(Self {
            embedding: Embedding::new(vocab, 32, keys)?,
            conv1: Conv1dConfig { padding: 2, ..Conv1dConfig::new(32, 64, 5) }.init(keys)?,
            conv2: Conv1dConfig { padding: 2, ..Conv1dConfig::new(64, 96, 5) }.init(keys)?,
            dropout: Dropout::new(0.5)?,
            output: Linear::new(96, 2, keys)?,
        })
    }
}

impl Layer for CharCnn {
    fn forward(&self, ids: &Var, ctx: &mut Ctx) -> gradus::nn::Result<Var> {
        let x = self.embedding.forward(ids, ctx)?.transpose(1, 2)?; // (B, C, T)
        let x = self.conv1.forward(&x, ctx)?.relu()?.max_pool1d(Pool1dOptions::new(2))?;
        let x = self.conv2.forward(&x, ctx)?.relu()?.max(2)?; // (B, C)
        let x = self.dropout.forward(&x, ctx)?;
        self.output.forward(&x, ctx)
    }
}
