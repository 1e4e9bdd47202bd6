//! Now and then, leave out the obvious.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Exclude top choices: with some probability, removes every id that has at least the threshold's
/// probability except the least likely of them.
///
/// It takes two such ids, so a threshold above 0.5 never removes anything. The coin is a draw of the
/// position's key, so it falls the same way in every strategy.
///
/// # Reference
/// p-e-w 2024, "Exclude Top Choices (XTC): A sampler that boosts creativity".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Xtc {
    /// How often anything is removed.
    pub probability: f64,
    /// From which probability on an id counts as a top choice.
    pub threshold: f64,
}

impl Warp for Xtc {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, key: Key) -> Result<()> {
        if key.uniform(0) >= self.probability {
            return Ok(());
        }
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logits.iter().map(|l| (l - max).exp()).sum();
        let top = |l: f64| (l - max).exp() >= self.threshold * total && l.is_finite();
        // The highest id among the least likely stays, as the lowest ids come first in every ranking.
        let least = logits.iter().enumerate().filter(|x| top(*x.1));
        let Some((kept, _)) = least.min_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0))) else {
            return Ok(());
        };
        for (_, l) in logits.iter_mut().enumerate().filter(|x| x.0 != kept && top(*x.1)) {
            *l = f64::NEG_INFINITY;
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        let share = |p: f64| (0.0..=1.0).contains(&p);
        require("XTC probability", self.probability, "in 0..=1", share)?;
        require("XTC threshold", self.threshold, "in 0..=1", share)
    }

    fn stage(&self) -> Stage {
        Stage::Xtc
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
