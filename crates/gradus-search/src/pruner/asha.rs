//! Stops what is not among the best share of a rung.

use super::{Course, Pruner, Verdict};
use crate::error::{Error, Result};
use crate::record::Report;

/// Asynchronous successive halving for trials that cannot be continued: at steps r·ηᵏ, a trial goes
/// on if it is among the ⌊n/η⌋ best of the n that came there, itself included, or the best while
/// there are fewer than η.
///
/// A trial counts in a rung with the first value it reported there, or after it. NaN is pruned and
/// counts nowhere. The rule is that of Optuna's `SuccessiveHalvingPruner`, and golden tests hold it
/// against that; Optuna differs only where one report reaches two rungs and the trial is pruned at
/// the first, which here counts in both. Compared is with the trials that are finished and may be
/// seen, so that the decisions are the same for any number of workers.
///
/// # Reference
/// Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", section 3; its
/// algorithm 2, which promotes instead of stopping, is [`Asha`](crate::Asha).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AshaPruner {
    /// Steps until the first rung, r in the paper; 1 by default.
    pub min_steps: u64,
    /// η in the paper; 4 by default.
    pub factor: u64,
    /// Rungs at the beginning that are left out, s in the paper; none by default.
    pub rungs_skipped: u32,
    /// Trials that must come to a rung before one may leave it; none by default.
    pub bootstrap: u64,
}

impl Default for AshaPruner {
    fn default() -> Self {
        Self { min_steps: 1, factor: 4, rungs_skipped: 0, bootstrap: 0 }
    }
}

impl Pruner for AshaPruner {
    fn validate(&self) -> Result<()> {
        let fault = |field, expected, got: u64| {
            Err(Error::Config { field, expected, got: got.to_string() })
        };
        match () {
            () if self.min_steps == 0 => fault("min_steps", "1 or more", 0),
            () if self.factor < 2 => fault("factor", "2 or more", self.factor),
            () => Ok(()),
        }
    }

    fn decide(&self, course: &Course<'_>) -> Verdict {
        let Some((last, before)) = course.reports.split_last() else { return Verdict::Continue };
        for rung in 0.. {
            let step = self.step(rung);
            if last.step < step {
                break;
            }
            if self.value(before, rung).is_some() {
                continue; // It was decided earlier.
            }
            if last.value.is_nan() || !self.is_among_best(course, rung, last.value) {
                return Verdict::Prune;
            }
        }
        Verdict::Continue
    }
}

impl AshaPruner {
    /// The steps of a rung; never reached if they are too many for a number.
    fn step(&self, rung: u32) -> u64 {
        let power = self.factor.checked_pow(self.rungs_skipped.saturating_add(rung));
        power.and_then(|power| power.checked_mul(self.min_steps)).unwrap_or(u64::MAX)
    }

    /// The value with which a trial counts in a rung.
    fn value(&self, reports: &[Report], rung: u32) -> Option<f64> {
        let step = self.step(rung);
        let first = reports.iter().find(|report| report.step >= step)?;
        (!first.value.is_nan()).then_some(first.value)
    }

    fn is_among_best(&self, course: &Course<'_>, rung: u32, value: f64) -> bool {
        let cost = course.cost(value);
        let peers = course.peers.iter().filter_map(|peer| self.value(&peer.reports, rung));
        let mut costs: Vec<f64> = peers.map(|v| course.cost(v)).chain([cost]).collect();
        if costs.len() as u64 <= self.bootstrap {
            return false;
        }
        costs.sort_by(f64::total_cmp);
        let promoted = (costs.len() as u64 / self.factor).max(1) as usize;
        cost <= costs[promoted - 1]
    }
}
