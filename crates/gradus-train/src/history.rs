//! What happened in a run, epoch by epoch and step by step.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::callback::StepRecord;
use crate::number;

/// One epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, counted from one.
    pub epoch: u64,
    /// Updates made since the start of the run.
    pub step: u64,
    /// Learning rate of the last update.
    #[serde(with = "number")]
    pub learning_rate: f64,
    /// Euclidean norm of the last gradient, before any clipping.
    #[serde(with = "number")]
    pub grad_norm: f64,
    /// Means over the training data, while the model was changing; `loss` is one of them.
    #[serde(with = "number::map")]
    pub train: BTreeMap<String, f64>,
    /// Means over the validation data; empty if there are none.
    #[serde(with = "number::map")]
    pub valid: BTreeMap<String, f64>,
    /// Seconds the epoch took, its validation included.
    #[serde(with = "number")]
    pub seconds: f64,
}

impl EpochRecord {
    /// The means that decide which epoch is best: validation if there is any, else training.
    pub fn deciding(&self) -> &BTreeMap<String, f64> {
        if self.valid.is_empty() { &self.train } else { &self.valid }
    }
}

/// One update, as far as a curve needs it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepPoint {
    /// Updates made, this one included.
    pub step: u64,
    /// Loss of the batch.
    #[serde(with = "number")]
    pub loss: f64,
    /// Learning rate.
    #[serde(with = "number")]
    pub learning_rate: f64,
    /// Euclidean norm of the gradient, before any clipping.
    #[serde(with = "number")]
    pub grad_norm: f64,
}

/// The norms of a step's gradients, parameter by parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradientNorms {
    /// Updates made, this one included.
    pub step: u64,
    /// The Euclidean norm by the path of the parameter.
    #[serde(with = "number::map")]
    pub norms: BTreeMap<String, f64>,
}

/// The most steps that are kept; a curve shows no more.
const MAX_STEPS: usize = 1000;
/// The same for the norms of single parameters.
const MAX_NORMS: usize = 400;

/// Every epoch of a run, and some of its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The epochs in order.
    pub epochs: Vec<EpochRecord>,
    /// Index into `epochs` of the best one, if any.
    pub best: Option<usize>,
    /// Every `stride`-th step.
    pub steps: Vec<StepPoint>,
    /// One at first; doubled, and every second step forgotten, whenever there are 1000.
    pub stride: u64,
    /// Gradients by parameter, if they are asked for; every second is forgotten when there are 400.
    #[serde(default)]
    pub gradients: Vec<GradientNorms>,
}

impl Default for History {
    fn default() -> Self {
        Self { epochs: Vec::new(), best: None, steps: Vec::new(), stride: 1, gradients: Vec::new() }
    }
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// The best epoch, by the metric that early stopping watches (the loss if it is off).
    pub fn best(&self) -> Option<&EpochRecord> {
        self.best.and_then(|i| self.epochs.get(i))
    }

    /// The names of all metrics, training and validation, without repetition.
    pub fn metrics(&self) -> Vec<String> {
        let names = self.epochs.iter().flat_map(|e| e.train.keys().chain(e.valid.keys()));
        names.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Keeps a step if the stride meets it, and norms if it has any.
    pub(crate) fn add_step(&mut self, record: &StepRecord) {
        if !record.gradients.is_empty() {
            let (step, norms) = (record.step, record.gradients.clone());
            self.gradients.push(GradientNorms { step, norms });
            if self.gradients.len() > MAX_NORMS {
                let mut is_even = false;
                self.gradients.retain(|_| {
                    is_even = !is_even;
                    is_even
                });
            }
        }
        self.add_point(record);
    }

    fn add_point(&mut self, record: &StepRecord) {
        let &StepRecord { step, loss, learning_rate, grad_norm, .. } = record;
        if !step.is_multiple_of(self.stride) {
            return;
        }
        if self.steps.len() == MAX_STEPS {
            self.stride *= 2;
            let stride = self.stride;
            self.steps.retain(|point| point.step.is_multiple_of(stride));
            return self.add_point(record);
        }
        self.steps.push(StepPoint { step, loss, learning_rate, grad_norm });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_are_kept_are_few_and_evenly_spaced() {
        let mut history = History::default();
        for step in 1..=10_000 {
            history.add_step(&StepRecord {
                step,
                epoch: 1,
                batch: step as usize,
                n_batches: 10_000,
                n_epochs: 1,
                loss: step as f64,
                mean_loss: 0.0,
                metrics: BTreeMap::new(),
                learning_rate: 0.1,
                grad_norm: 1.0,
                gradients: BTreeMap::from([("w".to_owned(), 1.0)]),
            });
        }
        assert_eq!((history.stride, history.steps.len()), (16, 625));
        assert!(history.steps.iter().zip(1..).all(|(point, i)| point.step == 16 * i));
        assert!((200..=400).contains(&history.gradients.len()));
    }
}
