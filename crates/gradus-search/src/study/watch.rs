//! Reports from within a training.

use std::ops::ControlFlow;

use gradus_train::{Callback, EpochRecord};

use super::trial::Trial;
use crate::pruner::Verdict;

/// Reports a metric of every epoch to a trial; made by [`Trial::watch`].
///
/// The metric is that of the validation data if there are any. The step is the epoch.
#[derive(Debug)]
pub struct Watch<'a> {
    trial: &'a mut Trial,
    metric: String,
}

impl<'a> Watch<'a> {
    pub(super) fn new(trial: &'a mut Trial, metric: String) -> Self {
        Self { trial, metric }
    }
}

impl Callback for Watch<'_> {
    fn on_epoch(&mut self, epoch: &EpochRecord) -> gradus_train::Result<ControlFlow<()>> {
        let metrics = epoch.deciding();
        let value =
            metrics.get(&self.metric).ok_or_else(|| gradus_train::Error::UnknownMetric {
                monitor: self.metric.clone(),
                have: metrics.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
            })?;
        let verdict = self.trial.report(epoch.epoch, *value);
        match verdict.map_err(|e| gradus_train::Error::Custom(e.into()))? {
            Verdict::Continue => Ok(ControlFlow::Continue(())),
            Verdict::Prune => Ok(ControlFlow::Break(())),
        }
    }
}
