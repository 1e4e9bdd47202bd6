//! Digits as rows of pixels, and networks that learn to read them.

use anyhow::Result;
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset, stratified_split};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::Optimizer;
use gradus::prelude::*;
use gradus::train::{Fit, FitConfig, Progress, Score, accuracy};

use crate::Digits;

/// Rows and their classes.
pub type Rows = [Tensor; 2];

/// Digits as rows `[N, H·W]` of f32 in 0..1 with classes `[N]` of i64, in two parts.
#[derive(Debug, Clone)]
pub struct DigitRows {
    /// Four fifths of each class, to learn from.
    pub train: Rows,
    /// The last fifth.
    pub held_out: Rows,
}

impl DigitRows {
    /// Splits digits at random, the classes in equal shares.
    ///
    /// # Errors
    /// If there are too few.
    pub fn split(digits: &Digits, key: Key) -> Result<Self> {
        let [train, held_out] = stratified_split(&digits.labels.to_vec::<i64>()?, [0.8, 0.2], key)?;
        let rows = |part: &[usize]| -> Result<Rows> {
            let part = digits.select(part)?;
            Ok([part.images()?.flatten(1, 3)?, part.labels])
        };
        Ok(Self { train: rows(&train)?, held_out: rows(&held_out)? })
    }

    /// Trains a network with batches of some size; the history has `accuracy` of both parts after
    /// every epoch.
    ///
    /// # Errors
    /// If the network does not fit the rows, or its loss is no longer finite.
    pub fn learn<M: Layer + 'static>(
        &self,
        net: M,
        optimizer: Optimizer,
        batch_size: usize,
        epochs: u64,
        key: Key,
    ) -> Result<Fit<'static, M, Rows>> {
        let shuffle = Shuffle::Keyed(key);
        let data = TensorDataset::new(self.train.clone())?;
        let batches = Loader::new(data, LoaderConfig { shuffle, ..LoaderConfig::new(batch_size) })?;
        let config = FitConfig { epochs, key, progress: Progress::Silent, ..FitConfig::default() };
        let loss = |net: &M, rows: &Rows, ctx: &mut Ctx| Ok(reading_loss(net, rows, ctx)?);
        let mut fit = Fit::new(net, loss, optimizer, config)?;
        fit.run_validated(&batches, std::slice::from_ref(&self.held_out))?;
        Ok(fit)
    }
}

/// Cross-entropy, and the share of digits that are read right.
///
/// # Errors
/// If the network does not fit the rows.
pub fn reading_loss(net: &impl Layer, [x, y]: &Rows, ctx: &mut Ctx) -> Result<Score> {
    let logits = net.forward(&Var::from(x), ctx)?;
    let right = accuracy(logits.value(), y)?;
    let loss = cross_entropy(&logits, y, CrossEntropy::default())?;
    Ok(Score::new(loss, y.len()).with("accuracy", right))
}
