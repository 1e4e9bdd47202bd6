//! What a sampler may know.

use std::sync::Arc;

use gradus_core::Key;
use gradus_train::Goal;

use crate::record::{Record, Suggestion, cost};
use crate::space::{Point, Space};

/// The question for the next trial: what is known, and where randomness comes from.
///
/// It is the same whatever the number of workers: the results of exactly the first
/// [`Sampler::sees`](crate::Sampler::sees) trials, and the points of those that may be under way.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What is searched.
    pub space: &'a Space,
    /// Whether small or large values are good.
    pub goal: Goal,
    /// The key of the sampler; it draws for this trial from [`Ask::key`].
    pub study_key: Key,
    /// The trial that is asked for.
    pub number: u64,
    /// The first trials, all of them finished, by number.
    pub finished: &'a [Arc<Record>],
    /// What the trials after those and before this one try, by number.
    pub pending: &'a [Suggestion],
}

impl Ask<'_> {
    /// The randomness of this trial alone.
    pub fn key(&self) -> Key {
        self.study_key.fold_in(self.number)
    }

    /// A point drawn at random: every parameter evenly on its scale.
    pub fn random(&self) -> Point {
        let key = self.key();
        let units: Vec<f64> =
            (0..self.space.params().len()).map(|i| key.uniform(i as u64)).collect();
        self.space.point(&units)
    }

    /// A value as something to be made small; NaN is infinitely large.
    pub fn cost(&self, value: f64) -> f64 {
        cost(self.goal, value)
    }
}
