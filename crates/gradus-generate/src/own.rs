//! The model's own law beside the warped one.

use std::collections::VecDeque;

use crate::dist::largest;
use crate::{Event, Result};

/// What a model says of a position before any warp.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnLaw {
    /// The log-probability of the drawn id, in nats.
    pub logp: f64,
    /// The most probable ids with their log-probabilities, the best first, the lowest id on ties.
    pub top: Vec<(u32, f64)>,
}

impl OwnLaw {
    /// Reports it after the commit of its value.
    pub(crate) fn send(&self, row: usize, at: usize, value: u32, to: &mut VecDeque<Event<u32>>) {
        to.push_back(Event::Own { row, at, value, logp: self.logp, rank: None });
        for (rank, &(value, logp)) in self.top.iter().enumerate() {
            to.push_back(Event::Own { row, at, value, logp, rank: Some(rank) });
        }
    }
}

/// Reads the logits of a position before warps change them, if anyone asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own {
    top: Option<usize>,
    logits: Vec<f64>,
    total: f64,
}

impl Own {
    /// With so many of the most probable ids; `None` reads nothing.
    pub(crate) fn new(top: Option<usize>) -> Self {
        Self { top, ..Self::default() }
    }

    /// Keeps a row of logits.
    pub(crate) fn read(&mut self, logits: &[f64]) -> Result<()> {
        if self.top.is_some() {
            self.total = log_total(logits)?;
            self.logits.clear();
            self.logits.extend_from_slice(logits);
        }
        Ok(())
    }

    /// What the kept row says of an id.
    pub(crate) fn law(&self, id: u32) -> Option<OwnLaw> {
        let n = self.top?;
        let logp = self.logits[id as usize] - self.total;
        let mut ranked: Vec<u32> = (0..self.logits.len() as u32).collect();
        let of = |id: u32| self.logits[id as usize];
        let before = |a: &u32, b: &u32| of(*b).total_cmp(&of(*a)).then(a.cmp(b));
        if n < ranked.len() {
            // Sorting the whole vocabulary for a few ids would be slow.
            ranked.select_nth_unstable_by(n, before);
            ranked.truncate(n);
        }
        ranked.sort_by(before);
        let top = ranked.into_iter().map(|id| (id, of(id) - self.total)).collect();
        Some(OwnLaw { logp, top })
    }
}

/// ln Σ exp(l), which turns logits into log-probabilities.
pub(crate) fn log_total(logits: &[f64]) -> Result<f64> {
    let max = largest(logits)?;
    Ok(max + logits.iter().map(|l| (l - max).exp()).sum::<f64>().ln())
}
