//! Keep what is about as surprising as expected.

use gradus_core::Key;

use super::nucleus::keep_mass;
use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Keeps the ids whose surprise −ln p is nearest to the entropy, until their mass reaches τ; the id
/// that crosses τ is **included**, the lowest ids come first on ties, and τ = 1 changes nothing.
///
/// # Reference
/// Meister et al. 2022, "Locally Typical Sampling".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Typical(pub f64);

impl Warp for Typical {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = || logits.iter().map(|l| (l - max).exp());
        let total: f64 = weights().sum();
        let log_total = total.ln() + max;
        // −∞ has no mass, and its product with 0 no value.
        let terms = logits.iter().zip(weights()).filter(|x| x.1 > 0.0);
        let entropy = log_total - terms.map(|(l, w)| w / total * l).sum::<f64>();
        // Rounded, since two ids of equal mass may differ in the last bits of their surprise.
        let far = |l: f64| -((((log_total - l) - entropy).abs() * 1e12).round());
        keep_mass(logits, self.0, far);
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("typical mass", self.0, "in 0..=1", |p| (0.0..=1.0).contains(&p))
    }

    fn stage(&self) -> Stage {
        Stage::Typical
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
