//! Adam in the infinity norm.

use gradus_tensor::Tensor;

use super::adam::{check_moments, count, decayed};
use super::{Transformation, Updates};
use crate::{Memory, Part, Result};

/// First moment of each gradient, and a decaying maximum.
#[derive(Debug, Clone)]
pub struct AdamaxMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + eps); the update becomes m / (1 − β₁ᵗ) / u.
///
/// State: `step`, `exp_avg` and `exp_inf`, as PyTorch's `Adamax`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` is negative or not finite.
///
/// # Reference
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 2; `eps`, which keeps an
/// element without gradients from being 0/0, is PyTorch's.
pub fn scale_by_adamax(betas: [f64; 2], eps: f64) -> Result<AdamaxMoments> {
    check_moments("scale_by_adamax", betas, eps)?;
    Ok(AdamaxMoments { betas, eps, memory: Memory::new(&["step", "exp_avg", "exp_inf"]) })
}

impl Transformation for AdamaxMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), *beta1, grad)?;
            let size = grad.abs()?.add_scalar(*eps)?;
            let largest = match old {
                None => size,
                Some(old) => old[2].mul_scalar(*beta2)?.maximum(&size)?,
            };
            let update = m.mul_scalar(1.0 / (1.0 - beta1.powf(t)))?.div(&largest)?;
            memory.set(&item.path, vec![Tensor::scalar(t as i64), m, largest]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_adamax".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Adamax(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
