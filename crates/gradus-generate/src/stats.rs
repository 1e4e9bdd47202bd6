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
