//! Sharpen or flatten.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Divides every logit by T: below 1 sharpens, above 1 flattens, 1 changes nothing.
///
/// T = 0 keeps the argmax alone, the lowest id on ties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature(pub f64);

impl Warp for Temperature {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if max == f64::NEG_INFINITY {
            return Ok(());
        }
        if self.0 == 0.0 {
            let best = logits.iter().position(|&l| l == max);
            for (id, l) in logits.iter_mut().enumerate() {
                *l = if Some(id) == best { 0.0 } else { f64::NEG_INFINITY };
            }
        } else if self.0 != 1.0 {
            // Relative to the largest, so that a tiny T cannot overflow.
            logits.iter_mut().for_each(|l| *l = (*l - max) / self.0);
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("temperature", self.0, "a finite number ≥ 0", |t| t.is_finite() && t >= 0.0)
    }

    fn stage(&self) -> Stage {
        Stage::Temperature
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
