//! What is known of a trial.

use gradus_train::Goal;
use serde::{Deserialize, Serialize};

use crate::number;
use crate::space::Point;

/// What a sampler wants to be tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Where in the space.
    pub point: Point,
    /// For how many steps it may be trained in all, if the sampler shares them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    /// The trial of the same point and a smaller budget that it goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<u64>,
}

impl From<Point> for Suggestion {
    fn from(point: Point) -> Self {
        Self { point, budget: None, continues: None }
    }
}

/// A value that was reported while a trial was under way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The step of the training: an epoch, or a number of updates.
    pub step: u64,
    /// The value, of the same kind as the objective.
    #[serde(with = "number")]
    pub value: f64,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It went to its end.
    Complete,
    /// The pruner stopped it.
    Pruned,
}

/// A finished trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The trial, counted from zero.
    pub number: u64,
    /// What was tried.
    #[serde(flatten)]
    pub suggestion: Suggestion,
    /// What was reported on the way, by growing steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    /// How it ended.
    pub state: State,
    /// The objective. NaN, as of a training that diverged, counts as the worst value.
    #[serde(with = "number")]
    pub value: f64,
    /// Seconds it took; the only part that is not the same every time.
    #[serde(with = "number")]
    pub seconds: f64,
}

impl Record {
    /// Whether it was stopped, and its cost: sorted by this, the best come first.
    pub(crate) fn rank(&self, goal: Goal) -> (bool, f64) {
        (self.state == State::Pruned, cost(goal, self.value))
    }
}

/// A value as something to be made small; NaN is infinitely large.
pub(crate) fn cost(goal: Goal, value: f64) -> f64 {
    match goal {
        _ if value.is_nan() => f64::INFINITY,
        Goal::Min => value,
        Goal::Max => -value,
    }
}

/// Compares two costs with a flag before them; there is no NaN among costs.
pub(crate) fn by_rank(a: (bool, f64), b: (bool, f64)) -> std::cmp::Ordering {
    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
}
