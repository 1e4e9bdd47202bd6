//! Make what was said often less likely.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// l ← l − frequency · count − presence · \[count > 0\], with the counts of **generated** ids alone.
///
/// # Reference
/// The `frequency_penalty` and `presence_penalty` of `OpenAI`'s interface.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Penalty {
    /// Subtracted once for each time the id was generated.
    pub frequency: f64,
    /// Subtracted once if the id was generated at all.
    pub presence: f64,
}

impl Warp for Penalty {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _: Key) -> Result<()> {
        let mut seen = history.generated.to_vec();
        seen.sort_unstable();
        for ids in seen.chunk_by(|a, b| a == b) {
            if let Some(l) = logits.get_mut(ids[0] as usize) {
                *l -= self.frequency * ids.len() as f64 + self.presence;
            }
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("frequency penalty", self.frequency, "finite", f64::is_finite)?;
        require("presence penalty", self.presence, "finite", f64::is_finite)
    }

    fn stage(&self) -> Stage {
        Stage::Penalty
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
