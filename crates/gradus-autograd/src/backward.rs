//! The backward pass: from the newest node to the oldest, without recursion.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gradus_tensor::Tensor;
use smallvec::{SmallVec, smallvec};

use crate::mode::with_mode;
use crate::node::{Edge, Node, Origin, Vjp};
use crate::{Error, Grads, Graph, LeafId, Result, Var, is_grad_enabled};

impl Var {
    /// The gradients of this number with respect to every leaf it depends on.
    ///
    /// The graph lives as long as the variable does, so it may be called again.
    ///
    /// # Errors
    /// [`Error::NotScalar`] unless there is exactly one element; [`Error::NoGradient`] if the
    /// variable depends on no leaf.
    pub fn backward(&self) -> Result<Grads> {
        if self.len() != 1 {
            return Err(Error::NotScalar { op: "backward", shape: self.shape().clone() });
        }
        self.backward_with(&self.value.ones_like())
    }

    /// The gradients of `Σ self · cotangent` with respect to every leaf.
    ///
    /// # Errors
    /// [`Error::GradientShape`] or [`Error::GradientDType`] unless the cotangent looks like the
    /// variable; [`Error::NoGradient`] if the variable depends on no leaf.
    pub fn backward_with(&self, cotangent: &Tensor) -> Result<Grads> {
        if !self.requires_grad() {
            return Err(Error::NoGradient { op: "backward" });
        }
        let seed = Var::constant(cotangent.clone());
        check("backward", 0, &self.as_edge(), &seed)?;
        let found = with_mode(Graph::Drop, || sweep(self, seed, &Wanted::Leaves))?;
        Ok(found.into_iter().map(|(id, grad)| (LeafId(id), grad.into_value())).collect())
    }

    fn as_edge(&self) -> Edge {
        Edge { origin: self.origin.clone(), shape: self.shape().clone(), dtype: self.dtype() }
    }
}

/// The gradients of one number with respect to `inputs`, which may be leaves or results of ops.
///
/// With [`Graph::Keep`] the gradients can be differentiated again. An input that the output
/// does not depend on has a gradient of zeros.
///
/// # Errors
/// [`Error::NotScalar`] unless `output` has exactly one element.
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, grad};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::from([2.0f64]));
/// let y = x.powf(3.0)?;
/// let dx = grad(&y, &[&x], Graph::Keep)?.remove(0);
/// let ddx = grad(&dx, &[&x], Graph::Drop)?.remove(0);
/// assert_eq!((dx.item()?, ddx.item()?), (12.0, 12.0)); // 3x² and 6x at 2
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn grad(output: &Var, inputs: &[&Var], graph: Graph) -> Result<Vec<Var>> {
    if output.len() != 1 {
        return Err(Error::NotScalar { op: "grad", shape: output.shape().clone() });
    }
    let wanted = Wanted::These(inputs.iter().filter_map(|x| x.origin.id()).collect());
    let seed = Var::constant(output.value.ones_like());
    let found = with_mode(graph, || sweep(output, seed, &wanted))?;
    let of = |x: &&Var| x.origin.id().and_then(|id| found.get(&id)).cloned();
    Ok(inputs.iter().map(|x| of(x).unwrap_or_else(|| x.zeros_like())).collect())
}

/// Which gradients a sweep collects.
enum Wanted {
    Leaves,
    These(BTreeSet<u64>),
}

impl Wanted {
    fn has_leaf(&self, id: u64) -> bool {
        match self {
            Self::Leaves => true,
            Self::These(ids) => ids.contains(&id),
        }
    }

    fn has_node(&self, id: u64) -> bool {
        matches!(self, Self::These(ids) if ids.contains(&id))
    }

    /// What is older than everything wanted cannot depend on it, and is not visited.
    fn oldest(&self) -> u64 {
        match self {
            Self::Leaves => 0,
            Self::These(ids) => ids.first().copied().unwrap_or(u64::MAX),
        }
    }
}

/// Visits nodes from the newest to the oldest. All consumers of a node are newer, so its gradient
/// is complete when its turn comes. Sums are made in the order of visits, which is fixed: the
/// result has the same bits every time.
fn sweep(output: &Var, seed: Var, wanted: &Wanted) -> Result<BTreeMap<u64, Var>> {
    let mut sweep = Sweep { wanted, found: BTreeMap::new(), pending: BTreeMap::new() };
    sweep.deliver(&output.origin, seed)?;
    while let Some((id, (node, grads))) = sweep.pending.pop_last() {
        if id > wanted.oldest() {
            let inputs = node.edges().iter().zip(node_gradients(&node, &grads)?);
            for (edge, dx) in inputs.filter_map(|(edge, dx)| Some((edge, dx?))) {
                sweep.deliver(&edge.origin, dx)?;
            }
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
    found: BTreeMap<u64, Var>,
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
    let grads = match node.vjp() {
        Vjp::Several(vjp) => vjp(grads)?,
        Vjp::One(vjp) => {
            let grad = grads[0].as_ref().expect("a node waits once a gradient has come");
            vjp(grad, &output_of(node, grad))?
        }
    };
    let (expected, got) = (node.edges().len(), grads.len());
    if expected != got {
        return Err(Error::GradientCount { op: node.name, expected, got });
    }
    for (i, (edge, dx)) in node.edges().iter().zip(&grads).enumerate() {
        if let Some(dx) = dx {
            check(node.name, i, edge, dx)?;
        }
    }
    Ok(grads)
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

fn check(op: &'static str, input: usize, edge: &Edge, grad: &Var) -> Result<()> {
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
