//! Keep what is not much less probable than the best.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Keeps the ids with p ≥ m · max p; m = 0 changes nothing, m = 1 keeps the best and its ties.
///
/// # Reference
/// Nguyen et al. 2024, "Turning Up the Heat: Min-p Sampling".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinP(pub f64);

impl Warp for MinP {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for l in logits {
            if (*l - max).exp() < self.0 {
                *l = f64::NEG_INFINITY;
            }
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("min-p", self.0, "in 0..=1", |m| (0.0..=1.0).contains(&m))
    }

    fn stage(&self) -> Stage {
        Stage::MinP
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
