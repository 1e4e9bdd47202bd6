//! Sequences whose alignment is not known.

use gradus_autograd::{Graph, Var, grad, is_grad_enabled};
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::Reduction;
use super::ctc_lattice::{Lattice, composite};
use crate::error::require;
use crate::{Error, Result};

/// Options of [`ctc`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ctc {
    /// The class that stands for "nothing new"; 0 as in PyTorch.
    pub blank: usize,
    /// Whether an infinite loss, of a target that no alignment gives, counts as zero.
    pub zero_infinity: bool,
    /// What becomes of the losses of the rows. The mean first divides each by its target's length (at
    /// least 1), as in PyTorch.
    pub reduction: Reduction,
}

/// Connectionist temporal classification: −ln p(target), the sum over all alignments of the target with
/// the steps, in which classes repeat and blanks stand between.
///
/// The sum is by the forward algorithm in the log domain and in f64, its gradient by the backward
/// algorithm: minus the probability that a class is emitted at a step, given the target. (PyTorch adds
/// eˣ, which the gradient of `log_softmax` takes away again: behind one, gradients agree.)
/// A target that no alignment gives, being longer than the input, has the loss +∞ and no gradient.
///
/// # Shapes
/// - `log_probs`: `[B, T, C]` (PyTorch: `[T, B, C]`), of a `log_softmax`
/// - `targets`: `[B, S]` of `i64`, of which the first `target_lengths[b]` count in row b
/// - `input_lengths`: how many of the T steps count in each row
/// - → 0-d, or `[B]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or lengths do not fit, a target is no class or the blank, or a mean is asked over nothing.
///
/// # Reference
/// Graves et al. 2006, "Connectionist Temporal Classification", section 4.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Ctc, ctc};
/// use gradus_nn::{Tensor, Var};
///
/// // Two steps, a blank and one letter, all equally likely: "a-", "-a" and "aa" all say "a".
/// let log_probs = Var::constant(Tensor::new([[[0.0, 0.0], [0.0, 0.0]]])).log_softmax(-1)?;
/// let loss = ctc(&log_probs, &Tensor::new([[1]]), &[2], &[1], Ctc::default())?;
/// assert!((loss.item()? + (0.75f64).ln()).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn ctc(
    log_probs: &Var,
    targets: &Tensor,
    input_lengths: &[usize],
    target_lengths: &[usize],
    options: Ctc,
) -> Result<Var> {
    let lattices = lattices(log_probs, targets, input_lengths, target_lengths, options.blank)?;
    let mut losses = run(log_probs, lattices)?;
    if options.zero_infinity {
        let infinite = losses.value().eq_scalar(f64::INFINITY)?;
        losses = losses.masked_fill(&infinite, 0.0)?;
    }
    if options.reduction == Reduction::Mean {
        let lengths = target_lengths.iter().map(|&len| len.max(1) as f64).collect();
        let lengths = Tensor::from_vec(lengths, [target_lengths.len()])?;
        losses = losses.div(&lengths.to_dtype(losses.dtype())?.into())?;
    }
    options.reduction.apply(NAME, &losses)
}

const NAME: &str = "ctc";

/// The op: one loss per row, with its own derivative.
fn run(log_probs: &Var, lattices: Vec<Lattice>) -> Result<Var> {
    let dtype = log_probs.dtype();
    let (shape, steps, classes) =
        (log_probs.shape().clone(), log_probs.dims()[1], log_probs.dims()[2]);
    let scores = log_probs.value().to_dtype(DType::F64)?.to_vec::<f64>()?;
    let row = move |b: usize| b * steps * classes..(b + 1) * steps * classes;
    let losses = lattices.iter().enumerate().map(|(b, l)| l.loss(&scores[row(b)], classes));
    let value = Tensor::from_vec(losses.collect::<Vec<f64>>(), [lattices.len()])?;
    let input = log_probs.clone();
    let vjp = move |grads: &Var, _: &Var| {
        if is_grad_enabled() {
            // Public ops, which can be differentiated again.
            let stand_in = stand_in(&input);
            let total = composite(&stand_in, &lattices)?.mul(grads)?.sum(..)?;
            return Ok(vec![Some(grad(&total, &[&stand_in], Graph::Keep)?.remove(0))]);
        }
        let weights = grads.value().to_dtype(DType::F64)?.to_vec::<f64>()?;
        let mut all = vec![0.0; scores.len()];
        for (b, lattice) in lattices.iter().enumerate() {
            lattice.add_gradient(&scores[row(b)], classes, weights[b], &mut all[row(b)]);
        }
        Ok(vec![Some(Tensor::from_vec(all, &shape)?.to_dtype(dtype)?.into())])
    };
    Ok(Var::from_op(NAME, &[log_probs], value.to_dtype(dtype)?, vjp))
}

/// The input as a node of its own, so that a sweep down to it goes no further.
fn stand_in(input: &Var) -> Var {
    let pass = |grad: &Var, _: &Var| Ok(vec![Some(grad.clone())]);
    Var::from_op("stand_in", &[input], input.value().clone(), pass)
}

/// Checks everything, and lays out each row.
fn lattices(
    log_probs: &Var,
    targets: &Tensor,
    input_lengths: &[usize],
    target_lengths: &[usize],
    blank: usize,
) -> Result<Vec<Lattice>> {
    let &[batch, steps, classes] = log_probs.dims() else {
        let (expected, got) = ("[B, T, C]".to_owned(), log_probs.shape().clone());
        return Err(Error::InputShape { layer: NAME, expected, got });
    };
    let width = match *targets.dims() {
        [rows, width] if rows == batch && targets.dtype() == DType::I64 => width,
        _ => {
            let (expected, got) = (format!("[{batch}, S] of i64 targets"), targets.shape().clone());
            return Err(Error::InputShape { layer: NAME, expected, got });
        }
    };
    require(blank < classes, NAME, "blank", "a class", blank)?;
    let fits = |lengths: &[usize], most| {
        lengths.len() == batch && lengths.iter().all(|&length| length <= most)
    };
    let expected = "one number of steps per row, at most T";
    require(fits(input_lengths, steps), NAME, "input_lengths", expected, input_lengths)?;
    let expected = "one number of targets per row, at most S";
    require(fits(target_lengths, width), NAME, "target_lengths", expected, target_lengths)?;
    let ids = targets.to_vec::<i64>()?;
    let lattice = |b: usize| {
        let target = &ids[b * width..b * width + target_lengths[b]];
        Lattice::new(target, input_lengths[b], blank, classes)
    };
    (0..batch).map(lattice).collect()
}
