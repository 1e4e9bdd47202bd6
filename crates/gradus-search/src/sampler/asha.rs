//! Halvings that wait for nobody.

use std::collections::BTreeSet;

use super::Sampler;
use super::bracket::{budgets, validate};
use crate::error::Result;
use crate::history::Ask;
use crate::record::{Record, Suggestion, by_rank};
use crate::space::Space;

/// Asynchronous successive halving: whenever the best share of a rung holds a trial that has not
/// been promoted, it is; otherwise a new point begins in the lowest rung.
///
/// The best share are the ⌊n/η⌋ best of the n results of a rung. Trials that are promoted are new
/// trials as in [`SuccessiveHalving`](crate::SuccessiveHalving). NaN is never promoted.
///
/// As many trials run side by side as [`StudyConfig::concurrency`](crate::StudyConfig::concurrency)
/// says, and none waits for a rung. They are the same for any number of workers, since a decision
/// looks only at what it may see. [`AshaPruner`](crate::AshaPruner) is the same idea for trials
/// that cannot be continued.
///
/// # Reference
/// Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning" (first as arXiv
/// 1810.05934 in 2018), algorithm 2, with s = 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asha {
    /// Steps of the lowest rung, r in the paper.
    pub min_budget: u64,
    /// Steps that no rung exceeds, R in the paper.
    pub max_budget: u64,
    /// η in the paper; usually 3 or 4.
    pub factor: u64,
}

impl Sampler for Asha {
    fn validate(&self, _: &Space) -> Result<()> {
        validate(self.min_budget, self.max_budget, self.factor)
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        let budgets = budgets(self.min_budget, self.max_budget, self.factor);
        let finished = ask.finished.iter().map(|record| &record.suggestion);
        let promoted: BTreeSet<u64> =
            finished.chain(ask.pending).filter_map(|suggestion| suggestion.continues).collect();
        for rungs in budgets.windows(2).rev() {
            if let Some(best) = self.promotable(ask, rungs[0], &promoted) {
                let point = best.suggestion.point.clone();
                let (budget, continues) = (Some(rungs[1]), Some(best.number));
                return Ok(Suggestion { point, budget, continues });
            }
        }
        Ok(Suggestion { point: ask.random(), budget: budgets.first().copied(), continues: None })
    }
}

impl Asha {
    /// The best trial of the best share of a rung that has not been promoted.
    fn promotable<'a>(
        &self,
        ask: &Ask<'a>,
        budget: u64,
        promoted: &BTreeSet<u64>,
    ) -> Option<&'a Record> {
        let in_rung = |record: &&'a Record| record.suggestion.budget == Some(budget);
        let mut rung: Vec<&Record> =
            ask.finished.iter().map(AsRef::as_ref).filter(in_rung).collect();
        rung.sort_by(|a, b| by_rank(a.rank(ask.goal), b.rank(ask.goal)));
        rung.truncate(rung.len() / self.factor as usize);
        rung.into_iter().find(|r| !r.value.is_nan() && !promoted.contains(&r.number))
    }
}
