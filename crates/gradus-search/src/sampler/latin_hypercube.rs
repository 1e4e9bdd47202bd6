//! Every share of every parameter once.

use gradus_core::Key;

use super::Sampler;
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::Suggestion;
use crate::space::Space;

/// Cuts every parameter into as many equal shares as there are trials, and visits each once.
///
/// Further trials begin another hypercube. Any number of trials may run side by side; they are the
/// same trials.
///
/// # Reference
/// Stein 1987, "Large Sample Properties of Simulations Using Latin Hypercube Sampling".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatinHypercube {
    /// How many trials make one hypercube; those that the study will have.
    pub samples: u64,
}

impl Sampler for LatinHypercube {
    fn validate(&self, _: &Space) -> Result<()> {
        let (field, expected) = ("LatinHypercube.samples", "1 to 2^24");
        match self.samples {
            1..=0x100_0000 => Ok(()),
            got => Err(Error::Config { field, expected, got: got.to_string() }),
        }
    }

    fn sees(&self, _: u64, _: u64) -> u64 {
        0
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        let (cube, row) = (ask.number / self.samples, ask.number % self.samples);
        let jitter = ask.key();
        let units: Vec<f64> = (0..ask.space.params().len() as u64)
            .map(|i| {
                // Complements are apart from the numbers of trials.
                let key = ask.study_key.fold_in(!cube).fold_in(i);
                let share = shuffled(key, self.samples, row);
                (share as f64 + jitter.uniform(i)) / self.samples as f64
            })
            .collect();
        Ok(ask.space.point(&units).into())
    }
}

/// Element `row` of a permutation of `0..n`: n draws, ranked.
fn shuffled(key: Key, n: u64, row: u64) -> u64 {
    let own = key.uniform(row);
    (0..n).filter(|&i| (key.uniform(i), i) < (own, row)).count() as u64
}
