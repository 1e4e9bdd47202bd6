//! A step size per element, from signs alone.

use gradus_tensor::Tensor;

use super::{Transformation, Updates};
use crate::error::require;
use crate::{Memory, Result};

/// The last gradient and the step size of each element.
#[derive(Debug, Clone)]
pub struct Rprops {
    initial: f64,
    etas: [f64; 2],
    step_sizes: [f64; 2],
    memory: Memory,
}

/// s grows by η₊ where the sign of the gradient is that of the last one and shrinks by η₋ where it is
/// the other one, within `step_sizes`; the update becomes s · sign(g), and nothing where s shrank.
///
/// For whole batches: signs of noisy gradients mean little. State: `prev` (the last gradient, zero
/// where the sign changed) and `step_size`, as PyTorch's `Rprop`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] unless `etas` are η₋ in `0.0..1.0` and η₊ above 1, `step_sizes` are
/// finite, not negative and in order, and `initial` is finite and not negative.
///
/// # Reference
/// Riedmiller & Braun 1993, "A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP
/// Algorithm"; without weight backtracking (iRprop⁻ of Igel & Hüsken 2000), as in PyTorch.
pub fn scale_by_rprop(initial: f64, etas: [f64; 2], step_sizes: [f64; 2]) -> Result<Rprops> {
    let name = "scale_by_rprop";
    require(
        initial.is_finite() && initial >= 0.0,
        name,
        "initial",
        "finite and not negative",
        initial,
    )?;
    require((0.0..1.0).contains(&etas[0]), name, "etas[0]", "in 0.0..1.0", etas[0])?;
    require(
        etas[1].is_finite() && etas[1] > 1.0,
        name,
        "etas[1]",
        "finite and above one",
        etas[1],
    )?;
    let [low, high] = step_sizes;
    require(low.is_finite() && low >= 0.0, name, "step_sizes[0]", "finite and not negative", low)?;
    require(
        high.is_finite() && high >= low,
        name,
        "step_sizes[1]",
        "at least step_sizes[0]",
        high,
    )?;
    Ok(Rprops { initial, etas, step_sizes, memory: Memory::new(&["prev", "step_size"]) })
}

impl Transformation for Rprops {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { initial, etas: [shrink, grow], step_sizes: [low, high], memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let (prev, sizes) = match memory.get(&item.path, grad)? {
                None => (grad.zeros_like(), grad.full_like(*initial)),
                Some(old) => (old[0].clone(), old[1].clone()),
            };
            // Of the signs, so that the product of two small gradients does not vanish.
            let agreement = grad.sign()?.mul(&prev.sign()?)?;
            let (same, other) = (agreement.gt_scalar(0.0)?, agreement.lt_scalar(0.0)?);
            let factors =
                grad.ones_like().masked_fill(&same, *grow)?.masked_fill(&other, *shrink)?;
            let sizes = sizes.mul(&factors)?.clamp(*low, *high)?;
            let grad: Tensor = grad.masked_fill(&other, 0.0)?;
            let update = grad.sign()?.mul(&sizes)?;
            memory.set(&item.path, vec![grad, sizes]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_rprop".to_owned()
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
