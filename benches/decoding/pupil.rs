//! Models that are trained once and kept.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use gradus::data::{Loader, LoaderConfig, Shuffle, Windows};
use gradus::io::{load_safetensors, save_safetensors};
use gradus::models::{Gpt, TransformerConfig};
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};

/// What a model is and how it learns.
pub(crate) struct Pupil<'a> {
    pub(crate) name: &'a str,
    pub(crate) config: TransformerConfig,
    /// Characters of a window.
    pub(crate) window: usize,
    pub(crate) batch: usize,
    pub(crate) steps: usize,
    pub(crate) lr: f64,
}

impl Pupil<'_> {
    /// The model, from its file in `dir` or trained on the first nine tenths of `ids` now; and its nats
    /// per token on the rest.
    pub(crate) fn learn(&self, ids: &Tensor, dir: &Path) -> Result<(Gpt, f64)> {
        let file = dir.join(format!("{}-{}.safetensors", self.name, self.steps));
        let train_len = ids.len() / 10 * 9;
        let mut gpt = Gpt::new(&self.config, &mut Keys::new(7))?;
        let is_known = file.exists();
        if is_known {
            gpt.load_state_dict(&load_safetensors(&file)?.0)
                .with_context(|| file.display().to_string())?;
        }
        let optimizer = self.optimizer().init()?.first(clip_by_global_norm(1.0)?);
        let config = FitConfig { epochs: 1, key: Key::new(7), ..FitConfig::default() };
        let mut fit = Fit::new(gpt, loss, optimizer, config)?;
        if !is_known {
            println!("training {}", self.name);
            let stride = ((train_len - self.window) / (self.steps * self.batch)).max(1);
            let train = Windows::new(&ids.narrow(0, 0, train_len)?, self.window, stride)?;
            let shuffle = Shuffle::Keyed(Key::new(7));
            fit.run(&Loader::new(
                train,
                LoaderConfig { shuffle, ..LoaderConfig::new(self.batch) },
            )?)?;
        }
        let held_out = ids.narrow(0, train_len, (ids.len() - train_len).min(40_000))?;
        let valid = Windows::new(&held_out, self.window, self.window)?;
        let nats = fit.evaluate(&Loader::new(valid, LoaderConfig::new(16))?)?["loss"];
        let gpt = fit.into_model();
        if !is_known {
            save_safetensors(&file, &gpt.state_dict(), &BTreeMap::new())?;
        }
        Ok((gpt, nats))
    }

    fn optimizer(&self) -> AdamW {
        let schedule = Schedule::Cosine { steps: self.steps as u64, floor: 0.1 }.warmup(50);
        let (lr, betas) = (self.lr, [0.9, 0.99]);
        AdamW { lr, betas, weight_decay: 0.1, schedule, ..AdamW::default() }
    }
}

fn loss(gpt: &Gpt, [input, target]: &[Tensor; 2], ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = gpt.forward(input, None, ctx)?.flatten(0, 1)?; // (B·T, V)
    let loss = logits.cross_entropy(&target.flatten(0, 1)?)?.mean(..)?;
    Ok(Score::new(loss, input.dims()[0]))
}
