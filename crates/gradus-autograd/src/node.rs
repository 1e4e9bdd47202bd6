//! The graph: nodes that remember an op, its inputs and its derivative.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;
use smallvec::SmallVec;

use crate::{Result, Var};

/// The identity of a leaf; it lasts as long as the leaf and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafId(pub(crate) u64);

impl LeafId {
    pub(crate) fn fresh() -> Self {
        Self(next_id())
    }
}

/// Leaves and nodes draw from one counter. An op's inputs exist before it does, so the order of
/// creation is a topological order of every graph.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Where a variable comes from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// Nowhere: it has no gradient.
    Constant,
    /// It is a leaf: gradients are collected here.
    Leaf(LeafId),
    /// An op made it.
    Node(Arc<Node>),
}

impl Origin {
    /// The number by which gradients are collected.
    pub(crate) fn id(&self) -> Option<u64> {
        match self {
            Self::Constant => None,
            Self::Leaf(id) => Some(id.0),
            Self::Node(node) => Some(node.id),
        }
    }
}

/// An input of an op, with what its gradient has to look like.
pub(crate) struct Edge {
    pub(crate) origin: Origin,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
}

/// The gradients of an op's inputs, from the gradient of its output and the output.
pub(crate) type Vjp = Box<dyn Fn(&Var, &Var) -> Result<Vec<Option<Var>>> + Send + Sync>;

/// What a node keeps alive; it is moved out when the node dies.
#[derive(Default)]
struct Links {
    edges: SmallVec<[Edge; 3]>,
    vjp: Option<Vjp>,
}

/// An op that was run.
pub(crate) struct Node {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    /// The output's value, for derivatives that use it. Only the value: a `Var` would make the
    /// node own itself.
    pub(crate) output: Option<Tensor>,
    links: Links,
}

impl Node {
    pub(crate) fn new(
        name: &'static str,
        inputs: &[&Var],
        output: Option<Tensor>,
        vjp: Vjp,
    ) -> Self {
        let edge = |var: &&Var| Edge {
            origin: var.origin.clone(),
            shape: var.shape().clone(),
            dtype: var.dtype(),
        };
        let edges = inputs.iter().map(edge).collect();
        Self { id: next_id(), name, output, links: Links { edges, vjp: Some(vjp) } }
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.links.edges
    }

    pub(crate) fn vjp(&self) -> &Vjp {
        self.links.vjp.as_ref().expect("it is taken only by drop")
    }
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
