//! Adam that never forgets its largest second moment.

use gradus_tensor::Tensor;

use super::adam::{check_moments, count, decayed};
use super::{Transformation, Updates};
use crate::{Memory, Part, Result};

/// Moments of each gradient, and the largest second moment so far.
#[derive(Debug, Clone)]
pub struct AmsGradMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// As [`scale_by_adam`](crate::scale_by_adam), but with the largest v so far in place of v, so that the
/// rate of an element never grows again.
///
/// State: `step`, `exp_avg`, `exp_avg_sq`, `max_exp_avg_sq`, as PyTorch's `Adam(amsgrad=True)`; the
/// largest moment is taken before the bias is corrected, as there.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` is negative or not finite.
///
/// # Reference
/// Reddi, Kale & Kumar 2018, "On the Convergence of Adam and Beyond", algorithm 2.
pub fn scale_by_amsgrad(betas: [f64; 2], eps: f64) -> Result<AmsGradMoments> {
    check_moments("scale_by_amsgrad", betas, eps)?;
    let memory = Memory::new(&["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]);
    Ok(AmsGradMoments { betas, eps, memory })
}

impl Transformation for AmsGradMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), *beta1, grad)?;
            let v = decayed(old.map(|old| &old[2]), *beta2, &grad.square()?)?;
            let largest = old.map_or_else(|| Ok(v.clone()), |old| old[3].maximum(&v))?;
            let correction = (1.0 - beta2.powf(t)).sqrt();
            let scale = largest.sqrt()?.mul_scalar(1.0 / correction)?.add_scalar(*eps)?;
            let update = m.mul_scalar(1.0 / (1.0 - beta1.powf(t)))?.div(&scale)?;
            memory.set(&item.path, vec![Tensor::scalar(t as i64), m, v, largest]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_amsgrad".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::AmsGrad(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
