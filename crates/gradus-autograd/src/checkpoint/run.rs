//! The function run twice.

use std::fmt::Display;
use std::sync::Arc;

use gradus_core::Shape;

use super::captured::captured;
use crate::composite::stand_in;
use crate::mode::with_mode;
use crate::module::share_identities;
use crate::node::{Edge, Node, Origin, Vjp, next_id};
use crate::sweep::{Wanted, sweep};
use crate::{Error, Graph, Module, Result, Var, is_grad_enabled};

/// The op's name in messages.
const NAME: &str = "checkpoint";

/// `f(inputs)`, of which only the inputs and the output stay in memory: the backward pass runs `f` again
/// for what it needs.
///
/// Values and gradients have the same bits as without; only where several checkpoints use one variable
/// are its parts added up in another order. Variables that `f` closes over, parameters among them, get
/// their gradients too. `f` has to give the same again: draw from a
/// [`Key`](gradus_core::Key) that it owns, so that dropout repeats. It can be differentiated any number of times, and
/// checkpoints may be nested.
///
/// # Errors
/// Those of `f`. The backward pass gives [`Error::NotRepeatable`] if `f` fails or gives another
/// shape the second time.
///
/// # PyTorch
/// `torch.utils.checkpoint.checkpoint(use_reentrant=False)`
///
/// # Reference
/// Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
///
/// # Examples
/// ```
/// use gradus_autograd::{Error, Var, checkpoint};
/// use gradus_tensor::Tensor;
/// let w = Var::leaf(Tensor::from([0.5f32, -1.0]));
/// let mut y = Var::constant(Tensor::from([1.0f32, 2.0]));
/// for _ in 0..8 {
///     let w = w.clone();
///     let block = move |x: &[Var]| x[0].mul(&w)?.exp()?.sin();
///     y = checkpoint::<Error>(block, &[&y])?;
/// }
/// assert!(y.sum(..)?.backward()?.get(&w).is_some());
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn checkpoint<E: From<Error> + Display>(
    f: impl Fn(&[Var]) -> Result<Var, E> + Send + Sync + 'static,
    inputs: &[&Var],
) -> Result<Var, E> {
    let f = Arc::new(f);
    let again = f.clone();
    run(&*f, move |x| again(x), inputs)
}

/// As [`checkpoint`], for a module that `f` reads: the graph keeps a copy of it, which shares its memory and
/// whose gradients are those of the module's own parameters.
///
/// # Errors
/// As [`checkpoint`].
///
/// # Examples
/// ```
/// use gradus_autograd::{Error, Param, Var, checkpoint_module};
/// use gradus_tensor::Tensor;
/// let weights = vec![Param::new(Tensor::from([2.0f32])), Param::new(Tensor::from([3.0f32]))];
/// let block = |weights: &Vec<Param>, x: &[Var]| x[0].mul(&weights[0].var())?.mul(&weights[1].var());
/// let x = Var::constant(Tensor::from([1.0f32]));
/// let y = checkpoint_module::<_, Error>(&weights, block, &[&x])?;
/// let grads = y.backward()?;
/// assert_eq!(grads.get(&weights[0]).map(|g| g.item()), Some(Ok(3.0)));
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn checkpoint_module<M, E>(
    module: &M,
    f: impl Fn(&M, &[Var]) -> Result<Var, E> + Send + Sync + 'static,
    inputs: &[&Var],
) -> Result<Var, E>
where
    M: Module + Clone + Send + Sync + 'static,
    E: From<Error> + Display,
{
    let mut copy = module.clone();
    share_identities(module, &mut copy);
    let f = Arc::new(f);
    let again = f.clone();
    run(|x| f(module, x), move |x| again(&copy, x), inputs)
}

fn run<E: From<Error> + Display>(
    first: impl FnOnce(&[Var]) -> Result<Var, E>,
    again: impl Fn(&[Var]) -> Result<Var, E> + Send + Sync + 'static,
    inputs: &[&Var],
) -> Result<Var, E> {
    let inputs: Vec<Var> = inputs.iter().copied().cloned().collect();
    if !is_grad_enabled() {
        return first(&inputs);
    }
    let start = next_id();
    let output = first(&inputs.iter().map(cut_off).collect::<Vec<_>>())?;
    let captured = captured(std::slice::from_ref(&output), start);
    if !output.requires_grad() {
        return Ok(output);
    }
    // The graph of this run goes here, and with it the activations.
    let value = output.into_value();
    let edges = inputs.iter().map(Var::as_edge).chain(captured.iter().cloned()).collect();
    let shape = value.shape().clone();
    let again = move |x: &[Var]| {
        let cause = |error: E| Error::NotRepeatable { op: NAME, cause: error.to_string() };
        with_mode(Graph::Keep, || again(x)).map_err(cause)
    };
    let vjp = move |grad: &Var, _: &Var| {
        let found = backward(&again, &inputs, &captured, &shape, grad)?;
        Ok(found)
    };
    let node = Node::with_edges(NAME, edges, 1, None, Vjp::One(Box::new(vjp)));
    Ok(Var { value, origin: Origin::Node(node.into(), 0) })
}

/// A leaf in place of an input: the run goes no further back than to its inputs.
fn cut_off(x: &Var) -> Var {
    if x.requires_grad() { Var::leaf(x.value().clone()) } else { x.clone() }
}

/// The gradients of the inputs, then of what is captured.
fn backward(
    again: impl Fn(&[Var]) -> Result<Var>,
    inputs: &[Var],
    captured: &[Edge],
    shape: &Shape,
    grad: &Var,
) -> Result<Vec<Option<Var>>> {
    // If the gradient is to be differentiated again, it has to lead on to the inputs.
    let stand_in = |x: &Var| if is_grad_enabled() { stand_in(x) } else { cut_off(x) };
    let inputs: Vec<Var> = inputs.iter().map(stand_in).collect();
    let output = again(&inputs)?;
    if output.shape() != shape || output.dtype() != grad.dtype() {
        let cause = format!("gave {} of {}, first {shape}", output.shape(), output.dtype());
        return Err(Error::NotRepeatable { op: NAME, cause });
    }
    let origins =
        || inputs.iter().map(|x| &x.origin).chain(captured.iter().map(|edge| &edge.origin));
    let ends = origins().filter_map(Origin::id).collect();
    let found = sweep([(&output, grad.clone())], &Wanted::Ends(ends))?;
    Ok(origins().map(|origin| found.get(&origin.id()?).cloned()).collect())
}
