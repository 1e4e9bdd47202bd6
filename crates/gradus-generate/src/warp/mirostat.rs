//! Hold the surprise at a level.

use gradus_core::Key;

use super::traits::require;
use crate::{History, Result, Stage, Warp};

/// Mirostat 2: removes ids whose surprise −log₂ p is above μ, which follows the surprise of what was
/// drawn: μ = 2τ at first, then μ ← μ − η·(surprise − τ). The best id always stays.
///
/// μ is recomputed from [`History::logps`], the log-probabilities in the laws that were drawn from; so
/// the warp has no state, and taking tokens back needs nothing. It must be the last warp of its list
/// and the only filter.
///
/// # Reference
/// Basu et al. 2020, "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity",
/// in the second version of its authors' code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mirostat {
    /// The surprise to hold, in bits.
    pub tau: f64,
    /// How fast μ follows.
    pub eta: f64,
}

impl Default for Mirostat {
    /// τ = 5 bits, η = 0.1.
    fn default() -> Self {
        Self { tau: 5.0, eta: 0.1 }
    }
}

impl Warp for Mirostat {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _: Key) -> Result<()> {
        let surprise = |logp: &f64| -logp / std::f64::consts::LN_2;
        let follow = |mu: f64, logp| mu - self.eta * (surprise(logp) - self.tau);
        let mu = history.logps.iter().fold(2.0 * self.tau, follow);
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let log_total = logits.iter().map(|l| (l - max).exp()).sum::<f64>().ln() + max;
        let best = logits.iter().position(|&l| l == max);
        for (id, l) in logits.iter_mut().enumerate() {
            if surprise(&(*l - log_total)) > mu && Some(id) != best {
                *l = f64::NEG_INFINITY;
            }
        }
        Ok(())
    }

    fn check(&self, _: usize) -> Result<()> {
        require("mirostat τ", self.tau, "a finite number > 0", |t| t.is_finite() && t > 0.0)?;
        require("mirostat η", self.eta, "a finite number ≥ 0", |e| e.is_finite() && e >= 0.0)
    }

    fn stage(&self) -> Stage {
        Stage::Mirostat
    }

    fn ordered(&self) -> bool {
        true
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
