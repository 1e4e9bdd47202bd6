//! The curves that schedules are made of.

use std::f64::consts::PI;

/// How a rate goes from one value to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anneal {
    /// As half a cosine: slowly, fast, slowly.
    #[default]
    Cosine,
    /// On a straight line.
    Linear,
}

impl Anneal {
    /// The value at a share of the way.
    pub(super) fn between(self, from: f64, to: f64, share: f64) -> f64 {
        match self {
            Self::Cosine => to + (from - to) * (1.0 + (PI * share).cos()) / 2.0,
            Self::Linear => from + (to - from) * share,
        }
    }
}

/// The factors of a one-cycle schedule: from a small one up to 1, and down to a tiny one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    pub(super) steps: u64,
    pub(super) pct_start: f64,
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) anneal: Anneal,
}

impl Cycle {
    pub(super) fn factor(self, step: u64) -> f64 {
        let (t, end) = (step as f64, self.steps as f64 - 1.0);
        let top = (self.pct_start * self.steps as f64 - 1.0).max(0.0);
        if t >= end {
            return self.last;
        }
        if t < top {
            return self.anneal.between(self.first, 1.0, t / top);
        }
        self.anneal.between(1.0, self.last, (t - top) / (end - top))
    }
}

/// The share of the cycle that is over, where each is `growth` times as long as the one before.
pub(super) fn share_of_cycle(step: u64, period: u64, growth: u64) -> f64 {
    let (mut start, mut length) = (0u64, period.max(1));
    if growth <= 1 {
        return (step % length) as f64 / length as f64;
    }
    while step - start >= length {
        start += length;
        length = length.saturating_mul(growth);
    }
    (step - start) as f64 / length as f64
}
