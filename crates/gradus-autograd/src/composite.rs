//! The derivative of a fused op as that of the composite it equals.

use crate::{Graph, Result, Var, grad};

/// The gradients of `inputs` through `f`, which computes the op's outputs in public ops; they can be
/// differentiated again. `None` for inputs that want none.
pub(crate) fn composite_vjp(
    inputs: &[&Var],
    f: impl FnOnce(&[Var]) -> Result<Vec<Var>>,
    grads: &[Option<Var>],
) -> Result<Vec<Option<Var>>> {
    // Stand-ins for the inputs: the sweep ends there, and goes neither into what made the inputs
    // nor from one input to another.
    let inputs: Vec<Var> = inputs.iter().map(|x| stand_in(x)).collect();
    let mut total: Option<Var> = None;
    for (y, grad) in f(&inputs)?.iter().zip(grads) {
        let Some(grad) = grad else { continue };
        let part = y.mul(grad)?.sum(..)?;
        total = Some(match total {
            Some(total) => total.add(&part)?,
            None => part,
        });
    }
    let Some(total) = total else { return Ok(vec![None; inputs.len()]) };
    let wanted: Vec<&Var> = inputs.iter().filter(|x| x.requires_grad()).collect();
    let mut found = grad(&total, &wanted, Graph::Keep)?.into_iter();
    Ok(inputs.iter().map(|x| if x.requires_grad() { found.next() } else { None }).collect())
}

/// The same value by an op of its own, where a sweep can end.
pub(crate) fn stand_in(x: &Var) -> Var {
    if x.requires_grad() {
        x.map("stand_in", x.value().clone(), |grad| Ok(grad.clone()))
    } else {
        x.clone()
    }
}
