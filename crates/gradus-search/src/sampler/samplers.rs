//! What a sampler is.

use std::fmt;

use crate::error::Result;
use crate::history::Ask;
use crate::record::Suggestion;
use crate::space::Space;

/// Suggests what to try next, as a pure function of what it may know.
///
/// A sampler keeps no state. What it knows of other trials is in the [`Ask`], so that a study that
/// is killed and continued, or run by other numbers of workers, makes the same trials.
pub trait Sampler: fmt::Debug + Send + Sync {
    /// Whether it can work on this space.
    ///
    /// # Errors
    /// [`crate::Error::Config`] naming the field that makes no sense.
    fn validate(&self, space: &Space) -> Result<()> {
        let _ = space;
        Ok(())
    }

    /// How many of the first trials must be finished before this one can be suggested, and are
    /// known to it. `settled` is `number + 1 − concurrency`: what a sampler that learns from every
    /// result should see. Whoever needs less lets more trials run side by side.
    fn sees(&self, number: u64, settled: u64) -> u64 {
        let _ = number;
        settled
    }

    /// What to try.
    ///
    /// # Errors
    /// If nothing can be suggested; the samplers of this crate always find something.
    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion>;
}
