//! When a run ends.

use crate::config::fault;
use crate::error::{Error, Result};
use crate::history::EpochRecord;

/// Stops a run when a metric no longer gets better.
///
/// # Reference
/// Prechelt 1998, "Early Stopping – But When?", the criterion UP in epochs.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyStopping {
    /// The metric, of the validation data if there are any; `loss` by default.
    pub monitor: String,
    /// Whether small or large values are good; [`Goal::Min`] by default.
    pub goal: Goal,
    /// How many epochs in a row may pass without a new best; 5 by default.
    pub patience: u64,
    /// By how much a new best must be better; 0 by default.
    pub min_delta: f64,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { monitor: "loss".to_owned(), goal: Goal::Min, patience: 5, min_delta: 0.0 }
    }
}

impl EarlyStopping {
    pub(crate) fn validate(&self) -> Result<()> {
        if self.patience == 0 {
            return fault("early_stopping.patience", "1 epoch or more", "0");
        }
        if !self.min_delta.is_finite() || self.min_delta < 0.0 {
            let got = self.min_delta.to_string();
            return fault("early_stopping.min_delta", "finite and not negative", got);
        }
        Ok(())
    }

    /// The watched value of an epoch.
    pub(crate) fn value(&self, record: &EpochRecord) -> Result<f64> {
        let metrics = record.deciding();
        metrics.get(&self.monitor).copied().ok_or_else(|| Error::UnknownMetric {
            monitor: self.monitor.clone(),
            have: metrics.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })
    }

    /// Whether `new` is a new best. NaN never is.
    pub(crate) fn improves(&self, new: f64, best: Option<f64>) -> bool {
        let Some(best) = best else { return !new.is_nan() };
        match self.goal {
            Goal::Min => new < best - self.min_delta,
            Goal::Max => new > best + self.min_delta,
        }
    }
}

/// Which values of a metric are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Goal {
    /// Small ones, as of a loss.
    #[default]
    Min,
    /// Large ones, as of an accuracy.
    Max,
}

/// Why a run returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// All epochs are done.
    Epochs,
    /// Nothing got better for as long as the patience lasts.
    EarlyStopping,
    /// The time is up.
    TimeLimit,
    /// A callback said so.
    Callback,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_value_is_no_improvement_and_nan_never_is() {
        for goal in [Goal::Min, Goal::Max] {
            let stopping = EarlyStopping { goal, ..EarlyStopping::default() };
            assert!(stopping.improves(1.0, None) && !stopping.improves(f64::NAN, None));
            assert!(!stopping.improves(1.0, Some(1.0)) && !stopping.improves(f64::NAN, Some(1.0)));
            assert_eq!(stopping.improves(0.9, Some(1.0)), goal == Goal::Min);
            assert_eq!(stopping.improves(1.1, Some(1.0)), goal == Goal::Max);
        }
    }
}
