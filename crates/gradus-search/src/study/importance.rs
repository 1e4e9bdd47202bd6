//! Which parameters matter.

use super::studies::Study;
use crate::record::{Record, State};
use crate::space::{Domain, Param};

impl Study {
    /// How much of the differences between complete trials each parameter explains by itself, in
    /// 0..1; none where there are too few trials to tell.
    ///
    /// The trials are ranked; a number's scale is cut into quarters, a choice into its names. The
    /// result is ε², the share of the variance of the ranks that lies between these groups, corrected
    /// for what chance alone would give. It sees no parameters that matter only together.
    ///
    /// # Reference
    /// Kelley 1935, "An Unbiased Correlation Ratio Measure"; on ranks, as Kruskal & Wallis 1952.
    pub fn importance(&self) -> Vec<(String, Option<f64>)> {
        let complete: Vec<&Record> =
            self.ranking().into_iter().filter(|record| record.state == State::Complete).collect();
        let of = |param: &Param| (param.name.clone(), explained(param, &complete));
        self.space().params().iter().map(of).collect()
    }
}

/// Fewer residual degrees of freedom tell nothing.
const FEWEST: usize = 5;
const QUARTERS: f64 = 4.0;

/// ε² of the groups of a parameter, for trials in the order of their values.
fn explained(param: &Param, ranked: &[&Record]) -> Option<f64> {
    let group = |record: &&Record| {
        let value = record.suggestion.point.get(&param.name)?;
        match &param.domain {
            choice @ Domain::Choice(_) => choice.internal(value),
            number => Some((number.place(value)? * QUARTERS).floor().min(QUARTERS - 1.0)),
        }
    };
    let groups: Vec<f64> = ranked.iter().filter_map(group).collect();
    let n = groups.len();
    let mean = (n as f64 - 1.0) / 2.0;
    let total: f64 = (0..n).map(|rank| (rank as f64 - mean).powi(2)).sum();
    let mut names = groups.clone();
    names.sort_by(f64::total_cmp);
    names.dedup();
    if names.len() < 2 || n < names.len() + FEWEST {
        return None;
    }
    let between: f64 = names
        .iter()
        .map(|name| {
            let ranks = groups.iter().enumerate().filter(|(_, g)| *g == name);
            let (count, sum) =
                ranks.fold((0.0, 0.0), |(n, s), (rank, _)| (n + 1.0, s + rank as f64));
            count * (sum / count - mean).powi(2)
        })
        .sum();
    let (k, n) = (names.len() as f64, n as f64);
    let within = (total - between) / (n - k);
    Some(((between - (k - 1.0) * within) / total).clamp(0.0, 1.0))
}
