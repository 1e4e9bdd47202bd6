//! Stops what is worse than the median was.

use super::{Course, Pruner, Verdict};
use crate::record::{Report, State};

/// Stops a trial whose best value so far is worse than the median of what the complete trials had
/// reported at the same step.
///
/// # Reference
/// Golovin et al. 2017, "Google Vizier", section 3.2.2 (there with running averages); here, as in
/// Optuna's `MedianPruner`, with values themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MedianPruner {
    /// Complete trials before any is pruned; 5 by default.
    pub startup: usize,
    /// Steps that every trial may make; none by default.
    pub warmup: u64,
}

impl Default for MedianPruner {
    fn default() -> Self {
        Self { startup: 5, warmup: 0 }
    }
}

impl Pruner for MedianPruner {
    fn decide(&self, course: &Course<'_>) -> Verdict {
        let Some(last) = course.reports.last() else { return Verdict::Continue };
        let complete = course.peers.iter().filter(|peer| peer.state == State::Complete);
        let complete: Vec<&[Report]> = complete.map(|peer| &peer.reports[..]).collect();
        if complete.len() < self.startup.max(1) || last.step <= self.warmup {
            return Verdict::Continue;
        }
        let at_step = complete.iter().filter_map(|reports| {
            let place = reports.binary_search_by_key(&last.step, |report| report.step);
            place.ok().map(|i| course.cost(reports[i].value))
        });
        let mut costs: Vec<f64> = at_step.collect();
        costs.sort_by(f64::total_cmp);
        let best = course.reports.iter().map(|report| course.cost(report.value));
        let best = best.fold(f64::INFINITY, f64::min);
        match median(&costs) {
            Some(median) if best > median || best == f64::INFINITY => Verdict::Prune,
            _ => Verdict::Continue,
        }
    }
}

/// The middle of sorted values, or the mean of the two in the middle.
fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let (low, high) = (sorted.get(n.checked_sub(1)? / 2)?, sorted.get(n / 2)?);
    Some(if low == high { *low } else { low / 2.0 + high / 2.0 })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gradus_train::Goal;

    use super::*;
    use crate::record::Record;
    use crate::space::Point;

    fn course(values: &[f64]) -> Vec<Report> {
        (1..).zip(values).map(|(step, &value)| Report { step, value }).collect()
    }

    #[test]
    fn the_worse_half_is_stopped() {
        let peer = |number: u64, values: &[f64]| {
            let (suggestion, state) = (Point::default().into(), State::Complete);
            let reports = course(values);
            Arc::new(Record { number, suggestion, reports, state, value: 0.0, seconds: 0.0 })
        };
        let peers: Vec<_> = (0..5).map(|i| peer(i, &[1.0 + i as f64, 0.5 * i as f64])).collect();
        let decide = |pruner: MedianPruner, goal, values: &[f64]| {
            pruner.decide(&Course { goal, reports: &course(values), peers: &peers })
        };
        let pruner = MedianPruner::default();
        for (values, goal, verdict) in [
            (&[3.0][..], Goal::Min, Verdict::Continue), // equal to the median
            (&[3.1], Goal::Min, Verdict::Prune),
            (&[2.9], Goal::Max, Verdict::Prune),
            (&[f64::NAN], Goal::Min, Verdict::Prune),
            (&[0.9, 5.0], Goal::Min, Verdict::Continue), // its best value counts
            (&[9.0, 8.0, 7.0], Goal::Min, Verdict::Continue), // nobody came so far
        ] {
            assert_eq!(decide(pruner, goal, values), verdict, "{values:?} {goal:?}");
        }
        let late = MedianPruner { warmup: 1, ..pruner };
        assert_eq!(decide(late, Goal::Min, &[9.0]), Verdict::Continue);
        let shy = MedianPruner { startup: 6, ..pruner };
        assert_eq!(decide(shy, Goal::Min, &[9.0]), Verdict::Continue);
    }
}
