//! Gradients of a variable: of all its leaves, or of chosen inputs.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::mode::with_mode;
use crate::node::{Node, Origin, reachable};
use crate::sweep::{Found, Wanted, check, sweep, sweep_visiting};
use crate::{Error, Grads, Graph, LeafId, Result, Var};

impl Var {
    /// The gradients of this number with respect to every leaf it depends on.
    ///
    /// The graph lives as long as the variable does, so it may be called again.
    ///
    /// # Errors
    /// [`Error::NotScalar`] unless there is exactly one element; [`Error::NoGradient`] if the
    /// variable depends on no leaf.
    pub fn backward(&self) -> Result<Grads> {
        self.backward_with(&self.ones_of_a_number("backward")?)
    }

    /// The gradients of `Σ self · cotangent` with respect to every leaf.
    ///
    /// # Errors
    /// [`Error::GradientShape`] or [`Error::GradientDType`] unless the cotangent looks like the
    /// variable; [`Error::NoGradient`] if the variable depends on no leaf.
    pub fn backward_with(&self, cotangent: &Tensor) -> Result<Grads> {
        let seed = self.seed(cotangent)?;
        let found = with_mode(Graph::Drop, || sweep([(self, seed)], &Wanted::Leaves))?;
        Ok(found.into_iter().map(|(id, grad)| (LeafId(id), grad.into_value())).collect())
    }

    /// As [`Var::backward`], but hands every gradient to `each` as soon as it is complete, instead of
    /// keeping them all: a hook on the leaves.
    ///
    /// A gradient that is used and dropped in `each` (a step of the optimizer, a sum over machines)
    /// takes no memory for the rest of the pass. Each leaf comes once; the order is that in which
    /// the gradients are complete, which is fixed for a graph.
    ///
    /// # Errors
    /// As [`Var::backward`], and those of `each`, which end the pass.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Leaf, Var};
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Var::leaf(Tensor::from([2.0f32])), Var::leaf(Tensor::from([3.0f32])));
    /// let loss = a.mul(&b)?.exp()?.mul(&a)?; // a · exp(a b)
    /// let mut order = Vec::new();
    /// loss.backward_each(|id, _grad| Ok(order.push(id)))?;
    /// assert_eq!(order, [a.leaf_id(), b.leaf_id()].map(Option::unwrap));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn backward_each(&self, mut each: impl FnMut(LeafId, Tensor) -> Result<()>) -> Result<()> {
        let seed = self.seed(&self.ones_of_a_number("backward_each")?)?;
        let mut left = uses_of_leaves(self);
        let complete = |node: &Node, found: &mut Found| {
            for edge in node.edges() {
                let Origin::Leaf(id) = edge.origin else { continue };
                let Some(left) = left.get_mut(&id.0) else { continue };
                *left -= 1;
                if let Some(grad) = if *left == 0 { found.remove(&id.0) } else { None } {
                    each(id, grad.into_value())?;
                }
            }
            Ok(())
        };
        let rest =
            with_mode(Graph::Drop, || sweep_visiting([(self, seed)], &Wanted::Leaves, complete))?;
        // What an op that passed no gradient on also uses is known to be complete only now.
        rest.into_iter().try_for_each(|(id, grad)| each(LeafId(id), grad.into_value()))
    }

    fn ones_of_a_number(&self, op: &'static str) -> Result<Tensor> {
        if self.len() != 1 {
            return Err(Error::NotScalar { op, shape: self.shape().clone() });
        }
        Ok(self.value.ones_like())
    }

    fn seed(&self, cotangent: &Tensor) -> Result<Self> {
        if !self.requires_grad() {
            return Err(Error::NoGradient { op: "backward" });
        }
        let seed = Self::constant(cotangent.clone());
        check("backward", 0, &self.as_edge(), &seed)?;
        Ok(seed)
    }
}

/// How often each leaf is an input on the way to a variable.
fn uses_of_leaves(output: &Var) -> BTreeMap<u64, usize> {
    let mut uses = BTreeMap::new();
    for node in reachable([&output.origin], |_| true) {
        for edge in node.edges() {
            if let Origin::Leaf(id) = edge.origin {
                *uses.entry(id.0).or_default() += 1;
            }
        }
    }
    uses
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
    let cotangent = Var::constant(output.ones_of_a_number("grad")?);
    grad_with(output, &cotangent, inputs, graph)
}

/// The gradients of `Σ output · cotangent` with respect to `inputs`, as [`grad`] for an output of any
/// shape.
///
/// With [`Graph::Keep`] they can be differentiated again, also by the cotangent.
///
/// # Errors
/// [`Error::GradientShape`] or [`Error::GradientDType`] unless the cotangent looks like the output.
pub fn grad_with(output: &Var, cotangent: &Var, inputs: &[&Var], graph: Graph) -> Result<Vec<Var>> {
    let wanted = Wanted::These(inputs.iter().filter_map(|x| x.origin.id()).collect());
    let found = with_mode(graph, || sweep([(output, cotangent.clone())], &wanted))?;
    let of = |x: &&Var| x.origin.id().and_then(|id| found.get(&id)).cloned();
    Ok(inputs.iter().map(|x| of(x).unwrap_or_else(|| x.zeros_like())).collect())
}
