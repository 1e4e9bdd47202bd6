//! Which trials did well.

use std::sync::Arc;

use gradus_train::Goal;

use crate::record::{Record, State, cost};

/// The best `n` trials and the others, each by number.
///
/// Complete trials come before pruned ones; among these, those that came further, then those whose
/// last report is better.
pub(super) fn split(
    finished: &[Arc<Record>],
    goal: Goal,
    n: usize,
) -> (Vec<&Record>, Vec<&Record>) {
    let mut order: Vec<&Record> = finished.iter().map(AsRef::as_ref).collect();
    let rank = |record: &Record| match (record.state, record.reports.last()) {
        (State::Complete, _) => (0, 0, cost(goal, record.value)),
        (State::Pruned, Some(last)) => (1, u64::MAX - last.step, cost(goal, last.value)),
        (State::Pruned, None) => (2, 0, 0.0),
    };
    order.sort_by(|a, b| {
        let (a, b) = (rank(a), rank(b));
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    });
    let above = order.split_off(n.min(order.len()));
    let mut parts = [order, above];
    parts.iter_mut().for_each(|part| part.sort_by_key(|record| record.number));
    let [below, above] = parts;
    (below, above)
}

/// How many trials count as good: a tenth of them, but at most 25.
pub(super) fn good(n: usize) -> usize {
    n.div_ceil(10).min(25)
}
