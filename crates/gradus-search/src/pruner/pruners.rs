//! What a pruner is.

use std::fmt;
use std::sync::Arc;

use gradus_train::Goal;

use crate::error::Result;
use crate::record::{Record, Report, cost};

/// Whether a trial goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It does.
    Continue,
    /// It should stop and return what it has.
    Prune,
}

/// A trial that has just reported, and what it is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// Whether small or large values are good.
    pub goal: Goal,
    /// What it reported, by growing steps; one or more.
    pub reports: &'a [Report],
    /// Finished trials: the same ones whatever the number of workers.
    pub peers: &'a [Arc<Record>],
}

impl Course<'_> {
    /// A value as something to be made small; NaN is infinitely large.
    pub fn cost(&self, value: f64) -> f64 {
        cost(self.goal, value)
    }
}

/// Decides after each report whether a trial goes on, as a pure function of what it may see.
pub trait Pruner: fmt::Debug + Send + Sync {
    /// Whether its fields make sense.
    ///
    /// # Errors
    /// [`crate::Error::Config`] naming the field that does not.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Whether the trial goes on.
    fn decide(&self, course: &Course<'_>) -> Verdict;
}
