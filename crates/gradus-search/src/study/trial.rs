//! One try.

use std::sync::Arc;
use std::time::Instant;

use gradus_core::Key;
use gradus_train::Goal;

use super::watch::Watch;
use crate::error::{Error, Result};
use crate::pruner::{Course, Pruner, Verdict};
use crate::record::{Record, Report, State, Suggestion};
use crate::space::{Point, Searched};

/// A point that is being tried, and everything that the try depends on.
#[derive(Debug)]
pub struct Trial {
    number: u64,
    suggestion: Suggestion,
    key: Key,
    goal: Goal,
    judge: Option<Judge>,
    reports: Vec<Report>,
    state: State,
    started: Instant,
}

/// A pruner, and the finished trials that it compares with.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) pruner: Arc<dyn Pruner>,
    pub(super) peers: Vec<Arc<Record>>,
}

impl Trial {
    pub(super) fn new(
        number: u64,
        suggestion: Suggestion,
        key: Key,
        goal: Goal,
        judge: Option<Judge>,
    ) -> Self {
        let (reports, state, started) = (Vec::new(), State::Complete, Instant::now());
        Self { number, suggestion, key, goal, judge, reports, state, started }
    }

    /// The trial, counted from zero.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where in the space it is.
    pub fn point(&self) -> &Point {
        &self.suggestion.point
    }

    /// The config at this point.
    ///
    /// # Errors
    /// Those of the config.
    pub fn config<C: Searched>(&self) -> Result<C> {
        C::at(self.point())
    }

    /// All its randomness: a pure function of the study's key and the number of the trial. A trial
    /// that [continues](Trial::continues) another has the key of that one.
    pub fn key(&self) -> Key {
        self.key
    }

    /// For how many steps it may be trained in all, if the sampler shares them out.
    pub fn budget(&self) -> Option<u64> {
        self.suggestion.budget
    }

    /// The trial of the same point and a smaller budget that it goes on from, if there is one.
    pub fn continues(&self) -> Option<u64> {
        self.suggestion.continues
    }

    /// Tells how well it does so far, and asks whether it should go on. Once it should not, further
    /// reports change nothing.
    ///
    /// # Errors
    /// [`Error::Config`] if the step is not after the one before.
    pub fn report(&mut self, step: u64, value: f64) -> Result<Verdict> {
        if self.is_pruned() {
            return Ok(Verdict::Prune);
        }
        if let Some(last) = self.reports.last().filter(|last| last.step >= step) {
            let expected = "a step after the one before";
            let got = format!("{step} after {}", last.step);
            return Err(Error::Config { field: "step", expected, got });
        }
        self.reports.push(Report { step, value });
        let Some(Judge { pruner, peers }) = &self.judge else { return Ok(Verdict::Continue) };
        let verdict = pruner.decide(&Course { goal: self.goal, reports: &self.reports, peers });
        if verdict == Verdict::Prune {
            self.state = State::Pruned;
        }
        Ok(verdict)
    }

    /// Whether it should stop.
    pub fn is_pruned(&self) -> bool {
        self.state == State::Pruned
    }

    /// A callback for [`Fit`](gradus_train::Fit) that reports a metric after every epoch, and ends
    /// the run when the trial should stop.
    pub fn watch(&mut self, metric: impl Into<String>) -> Watch<'_> {
        Watch::new(self, metric.into())
    }

    pub(super) fn into_record(self, value: f64) -> Record {
        let Self { number, suggestion, reports, state, started, .. } = self;
        let seconds = started.elapsed().as_secs_f64();
        Record { number, suggestion, reports, state, value, seconds }
    }
}
