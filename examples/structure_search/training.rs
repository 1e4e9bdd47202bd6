//! One training, for the search and for the comparison.

use std::thread;

use anyhow::Result;
use gradus::data::{Dataset, Loader, LoaderConfig, Shuffle, TensorDataset};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::Optimizer;
use gradus::prelude::*;
use gradus::search::Trial;
use gradus::train::{BoxError, Error, Fit, FitConfig, Progress, Score, accuracy};
use gradus_examples::Digits;

type Batch = [Tensor; 2];

/// Digits to learn from, and others to look at.
pub(crate) struct Parts {
    learn: TensorDataset<2>,
    look: Loader<TensorDataset<2>>,
    epochs: u64,
}

/// What the digits that were looked at say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) loss: f64,
    pub(crate) accuracy: f64,
}

const BATCH: usize = 64;

impl Parts {
    /// Learns from the first `n` of these digits, and looks at the others.
    pub(crate) fn new(digits: &Digits, n: usize, epochs: u64) -> Result<Self> {
        let part = |range: std::ops::Range<usize>| {
            let digits = digits.select(&range.collect::<Vec<_>>())?;
            Ok::<_, anyhow::Error>(TensorDataset::new([digits.images()?, digits.labels])?)
        };
        let look = Loader::new(part(n..digits.len())?, LoaderConfig::new(250))?;
        Ok(Self { learn: part(0..n)?, look, epochs })
    }

    /// Updates of one training.
    pub(crate) fn steps(&self) -> u64 {
        self.epochs * (self.learn.len().div_ceil(BATCH)) as u64
    }

    /// Trains a network. A trial watches the loss, and may end it.
    pub(crate) fn train<M: Layer>(
        &self,
        net: M,
        optimizer: Optimizer,
        key: Key,
        trial: Option<&mut Trial>,
    ) -> Result<Seen> {
        let shuffle = Shuffle::Keyed(key);
        let config = LoaderConfig { shuffle, ..LoaderConfig::new(BATCH) };
        let learn = Loader::new(self.learn.clone(), config)?;
        let (epochs, progress) = (self.epochs, Progress::Silent);
        let config = FitConfig { epochs, key, progress, ..FitConfig::default() };
        let mut fit = Fit::new(net, loss::<M>, optimizer, config)?;
        if let Some(trial) = trial {
            fit.add_callback(trial.watch("loss"));
            match fit.run_validated(&learn, &self.look) {
                Ok(_) => {}
                // A rate that is too large is a result like others: the worst.
                Err(Error::NonFiniteLoss { .. } | Error::NonFiniteGradient { .. }) => {
                    return Ok(Seen { loss: f64::NAN, accuracy: f64::NAN });
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            fit.run(&learn)?;
        }
        let seen = fit.evaluate(&self.look)?;
        Ok(Seen { loss: seen["loss"], accuracy: seen["accuracy"] })
    }
}

/// Cross-entropy against smoothed labels, as in the example `digits`.
fn loss<M: Layer>(net: &M, [images, labels]: &Batch, ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = net.forward(&Var::from(images), ctx)?;
    let right = accuracy(logits.value(), labels)?;
    let smooth = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
    Ok(Score::new(cross_entropy(&logits, labels, smooth)?, labels.len()).with("accuracy", right))
}

/// Does jobs `0..n` on some threads; the results are in the order of the jobs.
pub(crate) fn spread<T: Send>(
    n: usize,
    workers: usize,
    job: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let work = |worker: usize| (worker..n).step_by(workers).map(|i| Ok((i, job(i)?))).collect();
    let mut done: Vec<(usize, T)> = Vec::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|w| scope.spawn(move || work(w))).collect();
        for thread in threads {
            let part: Result<Vec<_>> = thread.join().expect("a job does not panic");
            done.extend(part?);
        }
        Ok::<_, anyhow::Error>(())
    })?;
    done.sort_by_key(|(i, _)| *i);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
