//! Many short trainings, of which the best go on.

use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::{Suggestion, by_rank};

/// A rung: how many trials of which budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rung {
    pub(super) trials: u64,
    pub(super) budget: u64,
}

/// Products of counts and budgets stay far from overflow.
pub(super) const LARGEST: u64 = 1 << 32;

/// Where a trial stands among brackets that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) budget: u64,
    /// Its place within the rung.
    pub(super) index: u64,
    /// The first trial of the rung.
    pub(super) start: u64,
    /// The first trial of the rung below; none in the lowest.
    pub(super) below: Option<u64>,
}

/// The place of a trial; the brackets begin anew when all are through.
pub(super) fn place(brackets: &[Vec<Rung>], number: u64) -> Place {
    let round: u64 = brackets.iter().flatten().map(|rung| rung.trials).sum();
    let mut start = number / round * round;
    for bracket in brackets {
        let mut below = None;
        for rung in bracket {
            if number < start + rung.trials {
                return Place { budget: rung.budget, index: number - start, start, below };
            }
            below = Some(start);
            start += rung.trials;
        }
    }
    unreachable!("the number lies in one of the rungs of its round")
}

/// A random point in a lowest rung; above, the best of the rung below that is not yet taken.
pub(super) fn suggest(place: Place, ask: &Ask<'_>) -> Suggestion {
    let budget = Some(place.budget);
    let Some(below) = place.below else {
        return Suggestion { point: ask.random(), budget, continues: None };
    };
    let mut rung: Vec<_> = ask.finished[below as usize..place.start as usize].iter().collect();
    rung.sort_by(|a, b| by_rank(a.rank(ask.goal), b.rank(ask.goal)));
    let promoted = rung[place.index as usize];
    let point = promoted.suggestion.point.clone();
    Suggestion { point, budget, continues: Some(promoted.number) }
}

/// Budgets `min`, `min · factor`, … up to `max`.
pub(super) fn budgets(min: u64, max: u64, factor: u64) -> Vec<u64> {
    std::iter::successors(Some(min), |b| b.checked_mul(factor)).take_while(|b| *b <= max).collect()
}

/// Whether budgets and factor make sense.
pub(super) fn validate(min: u64, max: u64, factor: u64) -> Result<()> {
    let fault =
        |field, expected, got: u64| Err(Error::Config { field, expected, got: got.to_string() });
    match () {
        () if min == 0 => fault("min_budget", "1 or more", min),
        () if max < min => fault("max_budget", "min_budget or more", max),
        () if max > LARGEST => fault("max_budget", "2^32 at most", max),
        () if factor < 2 => fault("factor", "2 or more", factor),
        () => Ok(()),
    }
}
