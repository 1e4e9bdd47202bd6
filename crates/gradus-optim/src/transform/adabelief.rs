//! Steps as large as the gradient is near to what was expected.

use gradus_tensor::Tensor;

use super::adam::{check_moments, count, decayed};
use super::{Transformation, Updates};
use crate::{Memory, Part, Result};

/// First moment of each gradient, and the variance around it.
#[derive(Debug, Clone)]
pub struct BeliefMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// m ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)(g − m)² + eps; the update becomes m̂ / (√ŝ + eps), with
/// both bias corrections of [`scale_by_adam`](crate::scale_by_adam).
///
/// State: `step`, `exp_avg` and `exp_avg_var`, in the dtype of the parameter. As optax's
/// `scale_by_belief`; PyTorch has none.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` is negative or not finite.
///
/// # Reference
/// Zhuang et al. 2020, "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients",
/// algorithm 2.
pub fn scale_by_belief(betas: [f64; 2], eps: f64) -> Result<BeliefMoments> {
    check_moments("scale_by_belief", betas, eps)?;
    Ok(BeliefMoments { betas, eps, memory: Memory::new(&["step", "exp_avg", "exp_avg_var"]) })
}

impl Transformation for BeliefMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), *beta1, grad)?;
            let surprise = grad.sub(&m)?.square()?;
            let s = decayed(old.map(|old| &old[2]), *beta2, &surprise)?.add_scalar(*eps)?;
            let correction = (1.0 - beta2.powf(t)).sqrt();
            let scale = s.sqrt()?.mul_scalar(1.0 / correction)?.add_scalar(*eps)?;
            let update = m.mul_scalar(1.0 / (1.0 - beta1.powf(t)))?.div(&scale)?;
            memory.set(&item.path, vec![Tensor::scalar(t as i64), m, s]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_belief".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Belief(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
