//! Brackets from bold to cautious.

use super::Sampler;
use super::bracket::{self, Rung};
use crate::error::Result;
use crate::history::Ask;
use crate::record::Suggestion;
use crate::space::Space;

/// Hyperband: brackets of successive halving that begin with many points and small budgets, with
/// fewer and larger ones, and at last with some at the full budget. It hedges against values that
/// say little early on.
///
/// Trials run side by side, promotions are new trials, and brackets repeat as in
/// [`SuccessiveHalving`](crate::SuccessiveHalving).
///
/// # Reference
/// Li et al. 2018, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization",
/// algorithm 1; budgets are whole numbers of steps, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hyperband {
    /// The fewest steps that tell anything; no rung has fewer.
    pub min_budget: u64,
    /// Steps of the highest rung of every bracket, R in the paper.
    pub max_budget: u64,
    /// η in the paper; usually 3.
    pub factor: u64,
}

impl Hyperband {
    fn brackets(&self) -> Vec<Vec<Rung>> {
        let eta = self.factor;
        let rungs = bracket::budgets(self.min_budget, self.max_budget, eta).len() as u32;
        let bracket = |s: u32| {
            let points = (u64::from(rungs) * eta.pow(s)).div_ceil(u64::from(s) + 1);
            let rung = |i: u32| Rung {
                trials: points / eta.pow(i),
                budget: self.max_budget / eta.pow(s - i),
            };
            (0..=s).map(rung).collect()
        };
        (0..rungs).rev().map(bracket).collect()
    }
}

impl Sampler for Hyperband {
    fn validate(&self, _: &Space) -> Result<()> {
        bracket::validate(self.min_budget, self.max_budget, self.factor)
    }

    fn sees(&self, number: u64, _: u64) -> u64 {
        let place = bracket::place(&self.brackets(), number);
        place.below.map_or(0, |_| place.start)
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        Ok(bracket::suggest(bracket::place(&self.brackets(), ask.number), ask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brackets_are_those_of_the_papers_table() {
        // Li et al. 2018, table 1: R = 81, η = 3.
        let brackets = Hyperband { min_budget: 1, max_budget: 81, factor: 3 }.brackets();
        let table: Vec<Vec<(u64, u64)>> = vec![
            vec![(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
            vec![(34, 3), (11, 9), (3, 27), (1, 81)],
            vec![(15, 9), (5, 27), (1, 81)],
            vec![(8, 27), (2, 81)],
            vec![(5, 81)],
        ];
        let ours: Vec<Vec<(u64, u64)>> = brackets
            .iter()
            .map(|bracket| bracket.iter().map(|rung| (rung.trials, rung.budget)).collect())
            .collect();
        assert_eq!(ours, table);
        let place = |number| bracket::place(&brackets, number);
        assert_eq!((place(0).budget, place(0).below), (1, None));
        assert_eq!((place(81).budget, place(81).below, place(81).index), (3, Some(0), 0));
        let round = brackets.iter().flatten().map(|rung| rung.trials).sum::<u64>();
        assert_eq!(
            place(round + 82),
            bracket::Place { start: round + 81, below: Some(round), ..place(82) }
        );
    }
}
