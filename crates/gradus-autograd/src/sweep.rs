//! The walk of the backward pass: from the newest node to the oldest, without recursion.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use crate::node::{Edge, Node, Origin, Vjp};
use crate::{Error, Result, Var, anomaly, is_grad_enabled};

/// Which gradients a sweep collects.
pub(crate) enum Wanted {
    Leaves,
    These(BTreeSet<u64>),
    /// These, and the sweep goes into none of them.
    Ends(BTreeSet<u64>),
}

impl Wanted {
    fn has_leaf(&self, id: u64) -> bool {
        matches!(self, Self::Leaves) || self.has_node(id)
    }

    fn has_node(&self, id: u64) -> bool {
        matches!(self, Self::These(ids) | Self::Ends(ids) if ids.contains(&id))
    }

    /// What is older than everything wanted cannot depend on it, and is not visited.
    fn oldest(&self) -> u64 {
        match self {
            Self::Leaves => 0,
            Self::These(ids) | Self::Ends(ids) => ids.first().copied().unwrap_or(u64::MAX),
        }
    }

    fn goes_into(&self, node: &Node) -> bool {
        let is_end = |ids: &BTreeSet<u64>| ids.range(node.id..=node.last_id()).next().is_some();
        node.id > self.oldest() && !matches!(self, Self::Ends(ids) if is_end(ids))
    }
}

/// The gradients that a sweep has found, by number.
pub(crate) type Found = BTreeMap<u64, Var>;

/// The gradients that are wanted, from those of the outputs.
pub(crate) fn sweep<'a>(
    seeds: impl IntoIterator<Item = (&'a Var, Var)>,
    wanted: &Wanted,
) -> Result<Found> {
    sweep_visiting(seeds, wanted, |_, _| Ok(()))
}

/// As [`sweep`]; `visited` is told of every node whose inputs have got their gradients.
///
/// Visits nodes from the newest to the oldest. All consumers of a node are newer, so its gradient
/// is complete when its turn comes. Sums are made in the order of visits, which is fixed: the
/// result has the same bits every time.
pub(crate) fn sweep_visiting<'a>(
    seeds: impl IntoIterator<Item = (&'a Var, Var)>,
    wanted: &Wanted,
    mut visited: impl FnMut(&Node, &mut Found) -> Result<()>,
) -> Result<Found> {
    anomaly::raise()?;
    let mut sweep = Sweep { wanted, found: BTreeMap::new(), pending: BTreeMap::new() };
    for (output, seed) in seeds {
        check("backward", 0, &output.as_edge(), &seed)?;
        sweep.deliver(&output.origin, seed)?;
    }
    while let Some((id, (node, grads))) = sweep.pending.pop_last() {
        if wanted.goes_into(&node) {
            let inputs = node.edges().iter().zip(node_gradients(&node, &grads)?);
            for (edge, dx) in inputs.filter_map(|(edge, dx)| Some((edge, dx?))) {
                sweep.deliver(&edge.origin, dx)?;
            }
            visited(&node, &mut sweep.found)?;
        }
        for (id, grad) in (id..).zip(grads) {
            if let Some(grad) = grad.filter(|_| wanted.has_node(id)) {
                sweep.found.insert(id, grad);
            }
        }
    }
    Ok(sweep.found)
}

/// A gradient per output, `None` until one has come.
type OutputGrads = SmallVec<[Option<Var>; 1]>;

struct Sweep<'a> {
    wanted: &'a Wanted,
    /// Gradients that were asked for.
    found: Found,
    /// Nodes that wait, with the sums of the gradients that have reached their outputs.
    pending: BTreeMap<u64, (Arc<Node>, OutputGrads)>,
}

impl Sweep<'_> {
    fn deliver(&mut self, to: &Origin, grad: Var) -> Result<()> {
        match to {
            Origin::Leaf(id) if self.wanted.has_leaf(id.0) => {
                let sum = sum(self.found.remove(&id.0), grad)?;
                self.found.insert(id.0, sum);
            }
            Origin::Node(node, output) if node.last_id() >= self.wanted.oldest() => {
                let none = || (Arc::clone(node), smallvec![None; node.outputs]);
                let (_, grads) = self.pending.entry(node.id).or_insert_with(none);
                grads[*output] = Some(sum(grads[*output].take(), grad)?);
            }
            _ => {}
        }
        Ok(())
    }
}

/// A gradient added to those before it, in their memory where nobody else holds it.
fn sum(old: Option<Var>, grad: Var) -> Result<Var> {
    match old {
        None => Ok(grad),
        Some(old) if is_grad_enabled() => old.add(&grad),
        // `check` has seen to shapes and dtypes, so the operator cannot panic.
        Some(old) => Ok(Var::constant(old.into_value() + grad.into_value())),
    }
}

/// Runs a node's derivative and checks what it returns.
fn node_gradients(node: &Arc<Node>, grads: &[Option<Var>]) -> Result<Vec<Option<Var>>> {
    let found = anomaly::unwatched(|| match node.vjp() {
        Vjp::Several(vjp) => vjp(grads),
        Vjp::One(vjp) => {
            let grad = grads[0].as_ref().expect("a node waits once a gradient has come");
            vjp(grad, &output_of(node, grad))
        }
    })?;
    let (expected, got) = (node.edges().len(), found.len());
    if expected != got {
        return Err(Error::GradientCount { op: node.name, expected, got });
    }
    for (i, (edge, dx)) in node.edges().iter().zip(&found).enumerate() {
        if let Some(dx) = dx {
            check(node.name, i, edge, dx)?;
        }
    }
    anomaly::watch_backward(node, grads, &found)?;
    Ok(found)
}

/// A derivative that uses the output gets it as this node's variable, so that a second derivative
/// flows through it.
fn output_of(node: &Arc<Node>, grad: &Var) -> Var {
    match &node.output {
        Some(value) if is_grad_enabled() => {
            Var { value: value.clone(), origin: Origin::Node(node.clone(), 0) }
        }
        Some(value) => Var::constant(value.clone()),
        None => grad.clone(),
    }
}

/// Whether a gradient looks like the variable it is of.
pub(crate) fn check(op: &'static str, input: usize, edge: &Edge, grad: &Var) -> Result<()> {
    if edge.shape != *grad.shape() {
        let (expected, got) = (edge.shape.clone(), grad.shape().clone());
        return Err(Error::GradientShape { op, input, expected, got });
    }
    if edge.dtype != grad.dtype() {
        let (expected, got) = (edge.dtype, grad.dtype());
        return Err(Error::GradientDType { op, input, expected, got });
    }
    Ok(())
}
