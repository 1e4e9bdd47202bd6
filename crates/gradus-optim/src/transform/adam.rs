//! Running moments of the gradient, with their bias corrected.

use gradus_tensor::Tensor;

use super::{Transformation, Updates};
use crate::error::{require_decay, require_size};
use crate::{Memory, Part, Result};

/// First and second moment of each gradient.
#[derive(Debug, Clone)]
pub struct AdamMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²; the update becomes m̂ / (√v̂ + eps) with
/// m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
///
/// t counts the steps in which this parameter had a gradient, from 1. State: `exp_avg`,
/// `exp_avg_sq` and `step`, as in PyTorch, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` is negative or not finite.
///
/// # Reference
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1.
pub fn scale_by_adam(betas: [f64; 2], eps: f64) -> Result<AdamMoments> {
    check_moments("scale_by_adam", betas, eps)?;
    Ok(AdamMoments { betas, eps, memory: Memory::new(&["step", "exp_avg", "exp_avg_sq"]) })
}

impl Transformation for AdamMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], eps, memory } = self;
        updates.map(|item| {
            let (path, grad) = (&item.path, &item.update);
            let old = memory.get(path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), *beta1, grad)?;
            let v = decayed(old.map(|old| &old[2]), *beta2, &grad.square()?)?;
            let correction = (1.0 - beta2.powf(t)).sqrt();
            let scale = v.sqrt()?.mul_scalar(1.0 / correction)?.add_scalar(*eps)?;
            let update = m.mul_scalar(1.0 / (1.0 - beta1.powf(t)))?.div(&scale)?;
            memory.set(path, vec![Tensor::scalar(t as i64), m, v]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_adam".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Adam(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}

/// Checks the settings of Adam and its kin.
pub(super) fn check_moments(optimizer: &'static str, betas: [f64; 2], eps: f64) -> Result<()> {
    require_decay(optimizer, "beta1", betas[0])?;
    require_decay(optimizer, "beta2", betas[1])?;
    require_size(optimizer, "eps", eps)
}

/// How many steps a parameter has made, which is the first tensor of its memory.
pub(crate) fn count(old: Option<&[Tensor]>) -> Result<f64> {
    Ok(old.map_or(Ok(0.0), |old| old[0].item())?)
}

/// β·old + (1 − β)·new, where old is zero at the first step.
pub(super) fn decayed(old: Option<&Tensor>, beta: f64, new: &Tensor) -> Result<Tensor> {
    let new = new.mul_scalar(1.0 - beta)?;
    Ok(match old {
        None => new,
        Some(old) => old.mul_scalar(beta)?.add(&new)?,
    })
}
