//! Keep what stands out of the noise.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Keeps the logits that are at most n standard deviations below the largest: l ≥ max l − n·σ.
///
/// σ is that of the finite logits of the row (divided by their number). What is kept does not depend
/// on the temperature.
///
/// # Reference
/// Tang et al. 2024, "Top-nσ: Not All Logits Are You Need".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopNSigma(pub f64);

impl Warp for TopNSigma {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        let finite = || logits.iter().copied().filter(|l| l.is_finite());
        let count = finite().count() as f64;
        let mean = finite().sum::<f64>() / count;
        let sigma = (finite().map(|l| (l - mean).powi(2)).sum::<f64>() / count).sqrt();
        let least = finite().fold(f64::NEG_INFINITY, f64::max) - self.0 * sigma;
        for l in logits.iter_mut().filter(|l| **l < least) {
            *l = f64::NEG_INFINITY;
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("top-nσ", self.0, "a finite number ≥ 0", |n| n.is_finite() && n >= 0.0)
    }

    fn stage(&self) -> Stage {
        Stage::TopNSigma
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
