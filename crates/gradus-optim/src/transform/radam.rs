//! Adam that waits until its second moment can be trusted.

use gradus_tensor::Tensor;

use super::adam::{check_moments, count, decayed};
use super::{Transformation, Updates};
use crate::{Memory, Part, Result};

/// First and second moment of each gradient, to be rectified.
#[derive(Debug, Clone)]
pub struct RectifiedMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// The moments of [`scale_by_adam`](crate::scale_by_adam); the update becomes r · m̂ / (√v + eps) · √(1 − β₂ᵗ),
/// where r rectifies the variance of the adaptive rate, or m̂ alone while that variance is infinite.
///
/// State: `step`, `exp_avg` and `exp_avg_sq`, as PyTorch's `RAdam`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` is negative or not finite.
///
/// # Reference
/// Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond", algorithm 2; the
/// threshold is ρ > 5, as in PyTorch, where the paper has 4.
pub fn scale_by_radam(betas: [f64; 2], eps: f64) -> Result<RectifiedMoments> {
    check_moments("scale_by_radam", betas, eps)?;
    Ok(RectifiedMoments { betas, eps, memory: Memory::new(&["step", "exp_avg", "exp_avg_sq"]) })
}

/// What m is multiplied by before it is divided by √v + eps; `None` while it is not divided.
pub(crate) fn rectified([beta1, beta2]: [f64; 2], t: f64) -> (f64, Option<f64>) {
    let (first, second) = (1.0 - beta1.powf(t), 1.0 - beta2.powf(t));
    let rho_inf = 2.0 / (1.0 - beta2) - 1.0;
    let rho = rho_inf - 2.0 * t * beta2.powf(t) / second;
    if rho <= 5.0 {
        return (1.0 / first, None);
    }
    let above = (rho - 4.0) * (rho - 2.0) * rho_inf;
    let below = (rho_inf - 4.0) * (rho_inf - 2.0) * rho;
    (1.0 / first, Some((above / below).sqrt() * second.sqrt()))
}

impl Transformation for RectifiedMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas, eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), betas[0], grad)?;
            let v = decayed(old.map(|old| &old[2]), betas[1], &grad.square()?)?;
            let (correction, rectifier) = rectified(*betas, t);
            let mean = m.mul_scalar(correction)?;
            let update = match rectifier {
                None => mean,
                Some(factor) => mean.mul_scalar(factor)?.div(&v.sqrt()?.add_scalar(*eps)?)?,
            };
            memory.set(&item.path, vec![Tensor::scalar(t as i64), m, v]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_radam".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Radam(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
