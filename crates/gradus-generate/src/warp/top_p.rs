//! Keep the nucleus.

use gradus_core::Key;

use super::nucleus::keep_mass;
use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Keeps the smallest set of most probable ids with mass ≥ p, the id that crosses p **included**.
///
/// p = 1 changes nothing, p = 0 keeps the argmax; the lowest ids first on ties.
///
/// # Reference
/// Holtzman et al. 2019, "The Curious Case of Neural Text Degeneration".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopP(pub f64);

impl Warp for TopP {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        keep_mass(logits, self.0, |l| l);
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("top-p", self.0, "in 0..=1", |p| (0.0..=1.0).contains(&p))
    }

    fn stage(&self) -> Stage {
        Stage::TopP
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
