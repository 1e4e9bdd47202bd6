//! What a run cost.

use std::time::Duration;

/// Counts and times of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Values drawn and kept.
    pub tokens: u64,
    /// Calls of the model.
    pub calls: u64,
    /// Tokens the model was fed, in all calls; a masked model is fed whole rows of the canvas.
    pub fed: u64,
    /// Tokens of prompts that the model was not fed, because a [`Prefix`](crate::Prefix) or another
    /// sample of the same prompt held them already.
    pub reused: u64,
    /// Values that replaced others.
    pub revised: u64,
    /// Calls of the draft model.
    pub draft_calls: u64,
    /// Tokens the draft model was fed.
    pub draft_fed: u64,
    /// Tokens proposed and checked.
    pub drafted: u64,
    /// Proposals that were kept. The acceptance rate is this number over [`Stats::drafted`].
    pub accepted: u64,
    /// Time inside the first call of the model, which reads the prompt.
    pub prefill: Duration,
    /// Time inside all calls of the model.
    pub model: Duration,
    /// Time to make proposals: calls of the draft model, their warps and draws.
    pub draft: Duration,
    /// Time to turn logits into tokens: warps, draws, stops.
    pub sample: Duration,
    /// Time from the start of the run to its first value.
    pub first: Option<Duration>,
    /// Time from the start of the run to the end of its last call.
    pub wall: Duration,
}

impl Stats {
    /// Values drawn and kept in a second of the wall clock; `None` before any time has passed.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let seconds = self.wall.as_secs_f64();
        (seconds > 0.0).then(|| self.tokens as f64 / seconds)
    }

    /// The share of proposals that were kept; `None` if nothing was proposed.
    pub fn acceptance(&self) -> Option<f64> {
        (self.drafted > 0).then(|| self.accepted as f64 / self.drafted as f64)
    }

    /// Values that a call of the model makes, on average; `None` before the first call. With one row
    /// and a draft it is the mean accepted length and one.
    pub fn tokens_per_call(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.tokens as f64 / self.calls as f64)
    }

    /// Counts one call of the model.
    pub fn count_call(&mut self, fed: usize, time: Duration) {
        if self.calls == 0 {
            self.prefill = time;
        }
        self.calls += 1;
        self.fed += fed as u64;
        self.model += time;
    }
}
