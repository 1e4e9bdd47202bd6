//! What a function uses beside its inputs.

use std::collections::BTreeMap;

use crate::Var;
use crate::node::{Edge, Origin, reachable};

/// The leaves and results older than `start` that lead to the outputs, each once. Numbers from
/// `start` on were given inside the function.
pub(super) fn captured(outputs: &[Var], start: u64) -> Vec<Edge> {
    let is_inside = |origin: &Origin| origin.id().is_some_and(|id| id >= start);
    let nodes = reachable(outputs.iter().map(|y| &y.origin), is_inside);
    let edges = nodes.iter().flat_map(|node| node.edges().iter().cloned());
    let all = edges.chain(outputs.iter().map(Var::as_edge));
    let outside = all.filter(|edge| !is_inside(&edge.origin));
    let by_id: BTreeMap<u64, Edge> =
        outside.filter_map(|edge| Some((edge.origin.id()?, edge))).collect();
    by_id.into_values().collect()
}
