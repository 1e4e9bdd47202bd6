//! Every parameter at random.

use super::Sampler;
use crate::error::Result;
use crate::history::Ask;
use crate::record::Suggestion;

/// Draws every parameter evenly on its scale, and learns nothing: what others must beat.
///
/// Any number of trials may run side by side; they are the same trials.
///
/// # Reference
/// Bergstra & Bengio 2012, "Random Search for Hyper-Parameter Optimization".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Random;

impl Sampler for Random {
    fn sees(&self, _: u64, _: u64) -> u64 {
        0
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        Ok(ask.random().into())
    }
}
