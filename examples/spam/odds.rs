//! Models that are trained on parts of the messages, and what they say of the others.

use anyhow::Result;
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset, stratified_k_fold};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score, accuracy};

const FOLDS: usize = 4;

/// ln p(spam) / p(ham) of each message.
pub(crate) struct Odds {
    /// Of the messages to learn from, each by the model that did not see it.
    pub(crate) left_out: Vec<f64>,
    /// Of the messages held out, the mean of all models.
    pub(crate) held_out: Vec<f64>,
}

/// How a model learns.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) lr: f64,
    pub(crate) epochs: u64,
    pub(crate) key: Key,
}

impl Odds {
    /// Trains a model on all but one fourth of the messages, for each fourth.
    pub(crate) fn learn<M: Layer>(
        model: impl Fn(&mut Keys) -> Result<M>,
        [x, y]: &[Tensor; 2],
        held_out: &Tensor,
        pace: Pace,
    ) -> Result<Self> {
        let labels = y.to_vec::<i64>()?;
        let keys = &mut Keys::from(pace.key);
        let mut odds = Self { left_out: vec![0.0; labels.len()], held_out: Vec::new() };
        let mut sum = Tensor::zeros([held_out.size(0)?], DType::F64)?;
        for fold in stratified_k_fold(&labels, FOLDS, Shuffle::Keyed(pace.key))? {
            let rows = |all: &Tensor, part: &[usize]| {
                let ids: Vec<i64> = part.iter().map(|&i| i as i64).collect();
                all.index_select(0, &Tensor::from(ids))
            };
            let seen = [rows(x, fold.train())?, rows(y, fold.train())?];
            let model = learn(model(keys)?, seen, pace)?;
            let others = log_odds(&model, &rows(x, fold.test())?)?.to_vec::<f64>()?;
            fold.test().iter().zip(others).for_each(|(&i, value)| odds.left_out[i] = value);
            sum = sum.add(&log_odds(&model, held_out)?)?;
        }
        odds.held_out = sum.div_scalar(FOLDS as f64)?.to_vec()?;
        Ok(odds)
    }

    /// The means of two.
    pub(crate) fn mean(&self, other: &Self) -> Self {
        let mean =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| f64::midpoint(*a, *b)).collect();
        Self {
            left_out: mean(&self.left_out, &other.left_out),
            held_out: mean(&self.held_out, &other.held_out),
        }
    }

    /// The odds above which a message is called spam, and the F1 of spam that they give: the
    /// greatest on the messages to learn from.
    pub(crate) fn best_cut(&self, labels: &[i64]) -> (f64, f64) {
        let odds = &self.left_out;
        let mut order: Vec<usize> = (0..odds.len()).collect();
        order.sort_by(|&a, &b| odds[b].total_cmp(&odds[a]));
        let n_spam = labels.iter().sum::<i64>() as f64;
        let (mut found, mut best) = (0.0, (0.0, 0.0));
        for (i, pair) in order.windows(2).enumerate() {
            found += labels[pair[0]] as f64;
            let f1 = 2.0 * found / ((i + 1) as f64 + n_spam);
            if f1 > best.1 {
                best = (f64::midpoint(odds[pair[0]], odds[pair[1]]), f1);
            }
        }
        best
    }
}

fn learn<M: Layer>(model: M, data: [Tensor; 2], pace: Pace) -> Result<M> {
    let Pace { lr, epochs, key } = pace;
    let config = LoaderConfig { shuffle: Shuffle::Keyed(key), ..LoaderConfig::new(32) };
    let batches = Loader::new(TensorDataset::new(data)?, config)?;
    let schedule = Schedule::cosine(epochs * batches.len() as u64);
    let optimizer = AdamW { lr, schedule, ..AdamW::default() }.init()?;
    let config = FitConfig { epochs, key, ..FitConfig::default() };
    let loss = |model: &M, [x, y]: &[Tensor; 2], ctx: &mut Ctx| -> Result<Score, BoxError> {
        let logits = model.forward(&Var::from(x), ctx)?;
        let right = accuracy(logits.value(), y)?;
        let loss = cross_entropy(&logits, y, CrossEntropy::default())?;
        Ok(Score::new(loss, y.len()).with("accuracy", right))
    };
    let mut fit = Fit::new(model, loss, optimizer, config)?;
    fit.run(&batches)?;
    Ok(fit.into_model())
}

fn log_odds(model: &impl Layer, x: &Tensor) -> Result<Tensor> {
    let logits = no_grad(|| model.forward(&Var::from(x), &mut Ctx::eval()))?;
    let logits = logits.value().to_dtype(DType::F64)?;
    Ok(logits.select(1, 1)?.sub(&logits.select(1, 0)?)?)
}
