//! Make what was said less likely.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// l ← l/θ if l > 0, else l·θ, for each distinct id of prompt and generated; θ = 1 changes nothing.
///
/// The rule depends on where zero is, so it belongs on raw logits, never on log-probabilities.
///
/// # Reference
/// Keskar et al. 2019, "CTRL", section 4.1, with the sign rule of Hugging Face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repetition(pub f64);

impl Warp for Repetition {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _: Key) -> Result<()> {
        let mut seen: Vec<u32> = history.iter().collect();
        seen.sort_unstable();
        seen.dedup();
        for id in seen {
            // An id outside the vocabulary, such as a start token in the prompt, has no logit.
            if let Some(l) = logits.get_mut(id as usize) {
                *l = if *l > 0.0 { *l / self.0 } else { *l * self.0 };
            }
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("repetition", self.0, "a finite number > 0", |t| t.is_finite() && t > 0.0)
    }

    fn stage(&self) -> Stage {
        Stage::Repetition
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
