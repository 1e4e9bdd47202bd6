//! One bracket of halvings.

use super::Sampler;
use super::bracket::{self, Rung};
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::Suggestion;
use crate::space::Space;

/// Successive halving: many random points with a small budget, the best third of them with a
/// threefold budget, and so on.
///
/// Every rung of a bracket is a number of trials; one that is promoted is a new trial with a larger
/// [`budget`](crate::Trial::budget), which [continues](crate::Trial::continues) another and has its
/// key. It may load what that one saved, or train anew from the beginning: with the same key, that
/// is the same training. When a bracket is through, another begins.
///
/// Trials of a rung run side by side, in any number; a rung waits for the one below.
///
/// # Reference
/// Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
/// Optimization"; Li et al. 2018 (Hyperband), algorithm 1, inner loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuccessiveHalving {
    /// How many points a bracket begins with.
    pub points: u64,
    /// Steps of the lowest rung.
    pub min_budget: u64,
    /// Steps that no rung exceeds.
    pub max_budget: u64,
    /// One of so many is promoted, to a budget so many times as large; usually 3.
    pub factor: u64,
}

impl SuccessiveHalving {
    fn bracket(&self) -> Vec<Rung> {
        let budgets = bracket::budgets(self.min_budget, self.max_budget, self.factor);
        let rungs = budgets.into_iter().scan(self.points, |left, budget| {
            let trials = *left;
            *left /= self.factor;
            Some(Rung { trials, budget })
        });
        rungs.take_while(|rung| rung.trials > 0).collect()
    }
}

impl Sampler for SuccessiveHalving {
    fn validate(&self, _: &Space) -> Result<()> {
        if !(1..=bracket::LARGEST).contains(&self.points) {
            let (field, expected) = ("points", "1 to 2^32");
            return Err(Error::Config { field, expected, got: self.points.to_string() });
        }
        bracket::validate(self.min_budget, self.max_budget, self.factor)
    }

    fn sees(&self, number: u64, _: u64) -> u64 {
        let place = bracket::place(&[self.bracket()], number);
        place.below.map_or(0, |_| place.start)
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        Ok(bracket::suggest(bracket::place(&[self.bracket()], ask.number), ask))
    }
}
