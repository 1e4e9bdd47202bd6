//! Training steps of a causal transformer over characters.

use anyhow::Result;
use gradus::core::Keys;
use gradus::models::{Gpt, TransformerConfig};
use gradus::nn::{Activation, Ctx};
use gradus::optim::AdamW;

use super::inputs::ids;
use super::train;
use crate::case::GptSize;
use crate::stopwatch::Stopwatch;

const VOCAB: usize = 65;

pub(crate) fn run(watch: &Stopwatch, name: &str, size: GptSize) -> Result<()> {
    let (layers, heads, width, block, batch) = match size {
        GptSize::Small => (4, 4, 128, 64, 12),
        GptSize::Medium => (6, 6, 384, 256, 8),
    };
    let config = TransformerConfig {
        n_layers: layers,
        n_heads: heads,
        width,
        activation: Activation::GeluTanh,
        ..TransformerConfig::new(VOCAB, block)
    };
    let model = Gpt::new(&config, &mut Keys::new(0))?;
    let x = ids(VOCAB as i64, [batch, block], 1)?;
    let y = ids(VOCAB as i64, [batch * block], 2)?;
    let adam = AdamW { betas: [0.9, 0.95], weight_decay: 0.1, ..AdamW::default() };
    train::run(watch, name, model, adam.init()?, |model| {
        let logits = model.forward(&x, None, &mut Ctx::eval())?; // (B, T, V)
        Ok(logits.flatten(0, 1)?.cross_entropy(&y)?.mean(..)?)
    })
}
