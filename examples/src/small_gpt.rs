//! The network that the examples on text train: nanoGPT's setting for a CPU.

use std::time::Instant;

use anyhow::{Result, ensure};
use gradus::data::{Dataset, Loader, LoaderConfig, Shuffle, Windows};
use gradus::generate::{Ar, Event, Request, Strategy, Temperature, Warps};
use gradus::models::{Gpt, TransformerConfig};
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};

/// 4 layers, 4 heads, 128 wide, 64 tokens of context, batches of 12.
#[derive(Debug, Clone, Copy)]
pub struct SmallGpt {
    /// Updates asked for; one pass over windows that are spread to give about so many.
    pub steps: usize,
    /// Seed of the initial values and the order of the windows.
    pub seed: u64,
}

/// What training a [`SmallGpt`] gave.
#[derive(Debug)]
pub struct TrainedGpt {
    /// The model.
    pub gpt: Gpt,
    /// Mean nats per held-out token.
    pub val_loss: f64,
    /// How many tokens of the held-out ones were forecast: whole windows, without the first token.
    pub val_tokens: usize,
    /// Updates made.
    pub steps: u64,
    /// Seconds of training.
    pub seconds: f64,
}

impl SmallGpt {
    /// Tokens that the model sees.
    pub const CONTEXT: usize = 64;
    const BATCH: usize = 12;

    /// Trains on `train` and evaluates on `valid`, both `[N]` of ids below `vocab`.
    ///
    /// # Errors
    /// If there are fewer than 90 contexts to learn from, or none to be held to.
    pub fn train(self, train: &Tensor, valid: &Tensor, vocab: usize) -> Result<TrainedGpt> {
        let (context, least) = (Self::CONTEXT, 90 * Self::CONTEXT);
        ensure!(train.len() >= least, "{} tokens to learn from, expected {least}", train.len());
        ensure!(valid.len() > context, "{} tokens held out, expected {}", valid.len(), context + 1);
        let wanted = self.steps * Self::BATCH;
        let stride = (train.len() - context).checked_div(wanted).unwrap_or(1).max(1);
        let train = Windows::new(train, context, stride)?;
        let valid = Windows::new(valid, context, context)?;
        let val_tokens = valid.len() * context;
        let shuffle = Shuffle::Keyed(Key::new(self.seed));
        let train = Loader::new(train, LoaderConfig { shuffle, ..LoaderConfig::new(Self::BATCH) })?;
        let valid = Loader::new(valid, LoaderConfig::new(64))?;

        let config = TransformerConfig {
            width: 128,
            n_heads: 4,
            n_layers: 4,
            ..TransformerConfig::new(vocab, context)
        };
        let gpt = Gpt::new(&config, &mut Keys::new(self.seed))?;
        let epochs = (self.steps as u64).div_ceil(train.len() as u64);
        let steps = epochs * train.len() as u64;
        let schedule = Schedule::Cosine { steps, floor: 0.1 }.warmup(100);
        let optimizer =
            AdamW { lr: 2e-3, betas: [0.9, 0.99], weight_decay: 0.1, schedule, ..AdamW::default() };
        let optimizer = optimizer.init()?.first(clip_by_global_norm(1.0)?);
        let config = FitConfig { epochs, key: Key::new(self.seed), ..FitConfig::default() };

        let started = Instant::now();
        let mut fit = Fit::new(gpt, loss, optimizer, config)?;
        fit.run(&train)?;
        let seconds = started.elapsed().as_secs_f64();
        let val_loss = fit.evaluate(&valid)?["loss"];
        let steps = fit.steps();
        Ok(TrainedGpt { gpt: fit.into_model(), val_loss, val_tokens, steps, seconds })
    }
}

/// Mean nats per token over all positions of the windows.
fn loss(gpt: &Gpt, [input, target]: &[Tensor; 2], ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = gpt.forward(input, None, ctx)?.flatten(0, 1)?; // (B·T, V)
    let loss = logits.cross_entropy(&target.flatten(0, 1)?)?.mean(..)?;
    Ok(Score::new(loss, input.dims()[0]))
}

impl TrainedGpt {
    /// Writes on from `ids` to `length` tokens in all and hands each new token to `show` as soon as
    /// it is drawn; where the context is full, the model goes on from its last half.
    ///
    /// # Errors
    /// If the model refuses an id, or `show` fails.
    pub fn write(
        &self,
        mut ids: Vec<u32>,
        length: usize,
        seed: u64,
        mut show: impl FnMut(u32) -> Result<()>,
    ) -> Result<()> {
        let ar = Ar { warps: Warps::none().with(Temperature(0.8)), ..Ar::default() };
        while ids.len() < length {
            let seen = ids[ids.len().saturating_sub(SmallGpt::CONTEXT / 2)..].to_vec();
            let request =
                Request::new(seen).length(SmallGpt::CONTEXT).seed(seed + ids.len() as u64);
            for event in ar.run(&self.gpt, request)? {
                if let Event::Commit { value, .. } = event? {
                    show(value)?;
                    ids.push(value);
                }
            }
        }
        Ok(())
    }
}
