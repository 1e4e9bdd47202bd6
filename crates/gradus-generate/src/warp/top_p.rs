//! Keep the nucleus.

use gradus_core::Key;

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
        if self.0 >= 1.0 {
            return Ok(());
        }
        let mut kept: Vec<(f64, usize)> =
            logits.iter().enumerate().filter(|x| x.1.is_finite()).map(|(id, &l)| (l, id)).collect();
        kept.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let Some(&(max, _)) = kept.first() else { return Ok(()) };
        let total: f64 = kept.iter().map(|x| (x.0 - max).exp()).sum();
        let mut mass = 0.0;
        for (rank, &(l, id)) in kept.iter().enumerate() {
            if rank > 0 && mass >= self.0 * total {
                logits[id] = f64::NEG_INFINITY;
            }
            mass += (l - max).exp();
        }
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
