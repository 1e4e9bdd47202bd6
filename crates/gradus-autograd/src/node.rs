//! The graph: nodes that remember an op, its inputs and its derivative.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;
use smallvec::SmallVec;

use crate::{Result, Var, anomaly};

/// The identity of a leaf; it lasts as long as the leaf and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafId(pub(crate) u64);

impl LeafId {
    pub(crate) fn fresh() -> Self {
        Self(next_ids(1))
    }
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A number that all leaves and nodes made from now on reach or exceed.
pub(crate) fn next_id() -> u64 {
    NEXT.load(Ordering::Relaxed)
}

/// Leaves and nodes draw from one counter. An op's inputs exist before it does, so the order of
/// creation is a topological order of every graph.
///
/// An op with several outputs has a number for each, one after another; this is the first.
fn next_ids(count: usize) -> u64 {
    NEXT.fetch_add(count as u64, Ordering::Relaxed)
}

/// Where a variable comes from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// Nowhere: it has no gradient.
    Constant,
    /// It is a leaf: gradients are collected here.
    Leaf(LeafId),
    /// An op made it: this output of it.
    Node(Arc<Node>, usize),
}

impl Origin {
    /// The number by which gradients are collected.
    pub(crate) fn id(&self) -> Option<u64> {
        match self {
            Self::Constant => None,
            Self::Leaf(id) => Some(id.0),
            Self::Node(node, output) => Some(node.id + *output as u64),
        }
    }
}

/// An input of an op, with what its gradient has to look like.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) origin: Origin,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
}

/// The gradients of an op's inputs, `None` where they are zero or not wanted.
type InputGrads = Result<Vec<Option<Var>>>;

type OfOne = dyn Fn(&Var, &Var) -> InputGrads + Send + Sync;
type OfSeveral = dyn Fn(&[Option<Var>]) -> InputGrads + Send + Sync;

/// The derivative of an op.
pub(crate) enum Vjp {
    /// From the gradient of its only output, and the output.
    One(Box<OfOne>),
    /// From the gradients of its outputs, `None` for those that nothing came from.
    Several(Box<OfSeveral>),
}

/// What a node keeps alive; it is moved out when the node dies.
#[derive(Default)]
struct Links {
    edges: SmallVec<[Edge; 3]>,
    vjp: Option<Vjp>,
}

/// An op that was run.
pub(crate) struct Node {
    /// The number of its first output.
    pub(crate) id: u64,
    pub(crate) outputs: usize,
    pub(crate) name: &'static str,
    /// The output's value, for derivatives that use it. Only the value: a `Var` would make the
    /// node own itself.
    pub(crate) output: Option<Tensor>,
    /// The path of the layer that ran it, if that was watched.
    path: Option<Box<str>>,
    links: Links,
}

impl Node {
    pub(crate) fn new(
        name: &'static str,
        inputs: &[&Var],
        outputs: usize,
        output: Option<Tensor>,
        vjp: Vjp,
    ) -> Self {
        let edges = inputs.iter().map(|var| var.as_edge()).collect();
        Self::with_edges(name, edges, outputs, output, vjp)
    }

    pub(crate) fn with_edges(
        name: &'static str,
        edges: SmallVec<[Edge; 3]>,
        outputs: usize,
        output: Option<Tensor>,
        vjp: Vjp,
    ) -> Self {
        let links = Links { edges, vjp: Some(vjp) };
        let path = anomaly::path();
        Self { id: next_ids(outputs), outputs, name, output, path, links }
    }

    /// The path of the layer that ran it; empty if it is not known.
    pub(crate) fn path(&self) -> &str {
        self.path.as_deref().unwrap_or_default()
    }

    /// The number of its last output.
    pub(crate) fn last_id(&self) -> u64 {
        self.id + self.outputs as u64 - 1
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.links.edges
    }

    pub(crate) fn vjp(&self) -> &Vjp {
        self.links.vjp.as_ref().expect("it is taken only by drop")
    }
}

/// The nodes that lead to the origins, newest first, as far as `goes_into` lets.
pub(crate) fn reachable<'a>(
    origins: impl IntoIterator<Item = &'a Origin>,
    goes_into: impl Fn(&Origin) -> bool,
) -> Vec<Arc<Node>> {
    let node_of = |origin: &Origin| match origin {
        Origin::Node(node, _) if goes_into(origin) => Some((node.id, node.clone())),
        _ => None,
    };
    let mut waiting: BTreeMap<u64, Arc<Node>> = origins.into_iter().filter_map(node_of).collect();
    let mut found = Vec::new();
    // Inputs are older than their node, so a node that has been taken does not come again.
    while let Some((_, node)) = waiting.pop_last() {
        waiting.extend(node.edges().iter().filter_map(|edge| node_of(&edge.origin)));
        found.push(node);
    }
    found
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({}, {})", self.id, self.name)
    }
}

thread_local! {
    /// Links of dead nodes. `None` while nobody is emptying the list.
    static GRAVEYARD: RefCell<Option<Vec<Links>>> = const { RefCell::new(None) };
}

/// A node owns its inputs, and these theirs: dropping them one inside the other would need a stack
/// as deep as the graph. The first node to die on a thread keeps a list instead; nodes that die
/// while it works add their links to the list and return.
impl Drop for Node {
    fn drop(&mut self) {
        let mut links = Some(std::mem::take(&mut self.links));
        // The list is gone only while the thread ends; then the links are dropped in place.
        let is_first = GRAVEYARD.try_with(|list| match &mut *list.borrow_mut() {
            Some(list) => {
                list.extend(links.take());
                false
            }
            list @ None => {
                *list = Some(Vec::new());
                true
            }
        });
        if is_first != Ok(true) {
            return;
        }
        while let Some(dead) = links {
            drop(dead);
            links = pop_grave();
        }
        GRAVEYARD.set(None);
    }
}

fn pop_grave() -> Option<Links> {
    GRAVEYARD.with_borrow_mut(|list| list.as_mut().and_then(Vec::pop))
}
