//! How every network of the comparison is trained: the same recipe for all.

use anyhow::{Result, ensure};
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset};
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};

/// How long, in what portions and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lesson {
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) lr: f64,
}

/// Trains with AdamW, a warm-up and a cosine, on rows of tokens with their classes.
pub(crate) fn learn<M: Module>(
    model: M,
    [tokens, classes]: [&Tensor; 2],
    lesson: Lesson,
    key: Key,
    loss: impl Fn(&M, &[Tensor; 2], &mut Ctx) -> Result<Score, BoxError>,
) -> Result<M> {
    let rows = tokens.dims()[0];
    ensure!(rows >= lesson.batch, "{rows} rows to learn from, expected at least {}", lesson.batch);
    // No more rows than there are places, so that one epoch is not longer than the lesson.
    let n = rows.min(lesson.steps * lesson.batch);
    let chosen: Vec<i64> = (0..n).map(|i| (i * rows / n) as i64).collect();
    let chosen = Tensor::from(chosen);
    let data =
        TensorDataset::new([tokens.index_select(0, &chosen)?, classes.index_select(0, &chosen)?])?;
    let shuffle = Shuffle::Keyed(key);
    let batches = Loader::new(data, LoaderConfig { shuffle, ..LoaderConfig::new(lesson.batch) })?;
    let epochs = (lesson.steps as u64).div_ceil(batches.len() as u64);
    let steps = epochs * batches.len() as u64;
    let schedule = Schedule::cosine(steps).warmup((steps / 10).min(100));
    let optimizer = AdamW {
        lr: lesson.lr,
        betas: [0.9, 0.99],
        schedule,
        weight_decay: 0.1,
        ..AdamW::default()
    };
    let optimizer = optimizer.init()?.first(clip_by_global_norm(1.0)?);
    let config = FitConfig { epochs, key, ..FitConfig::default() };
    let mut fit = Fit::new(model, loss, optimizer, config)?;
    fit.run(&batches)?;
    Ok(fit.into_model())
}
