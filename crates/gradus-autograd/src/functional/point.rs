//! Where a function is differentiated.

use crate::mode::with_mode;
use crate::sweep::check;
use crate::{Graph, Result, Var};

/// Stand-ins for the inputs: the derivative by them is that of the function, whatever the inputs were
/// made of. If the graph is kept they lead on to the inputs.
pub(super) fn stand_ins(inputs: &[&Var], graph: Graph) -> Vec<Var> {
    let stand_in = |x: &&Var| match graph {
        Graph::Keep if x.requires_grad() => {
            x.map("input", x.value().clone(), |grad| Ok(grad.clone()))
        }
        _ => Var::leaf(x.value().clone()),
    };
    with_mode(Graph::Keep, || inputs.iter().map(stand_in).collect())
}

/// Σ aᵢ · bᵢ over all elements of all pairs; `None` for no pair.
pub(super) fn dot(a: &[Var], b: &[&Var]) -> Result<Option<Var>> {
    let mut total: Option<Var> = None;
    for (a, b) in a.iter().zip(b) {
        let part = a.mul(b)?.sum(..)?;
        total = Some(match total {
            Some(total) => total.add(&part)?,
            None => part,
        });
    }
    Ok(total)
}

/// A tangent for each input, which looks like it.
pub(super) fn check_tangents(op: &'static str, inputs: &[&Var], tangents: &[&Var]) -> Result<()> {
    let (expected, got) = (inputs.len(), tangents.len());
    if expected != got {
        return Err(crate::Error::GradientCount { op, expected, got });
    }
    let mut pairs = inputs.iter().zip(tangents).enumerate();
    pairs.try_for_each(|(i, (x, tangent))| check(op, i, &x.as_edge(), tangent))
}
