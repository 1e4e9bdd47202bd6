//! Steps in the units of the steps before.

use super::adam::decayed;
use super::{Transformation, Updates};
use crate::error::{require, require_decay};
use crate::{Memory, Part, Result};

/// Mean squares of each gradient and of each update.
#[derive(Debug, Clone)]
pub struct Adadeltas {
    pub(crate) rho: f64,
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// v ← ρv + (1 − ρ)g²; the update becomes u = √(a + eps) / √(v + eps) · g; then a ← ρa + (1 − ρ)u².
///
/// State: `square_avg` and `acc_delta`, as PyTorch's `Adadelta`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `rho` is not in `0.0..1.0`, or `eps` is not finite and above
/// zero (nothing would ever move).
///
/// # Reference
/// Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method", algorithm 1.
pub fn scale_by_adadelta(rho: f64, eps: f64) -> Result<Adadeltas> {
    require_decay("scale_by_adadelta", "rho", rho)?;
    let valid = eps.is_finite() && eps > 0.0;
    require(valid, "scale_by_adadelta", "eps", "finite and above zero", eps)?;
    Ok(Adadeltas { rho, eps, memory: Memory::new(&["square_avg", "acc_delta"]) })
}

impl Transformation for Adadeltas {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { rho, eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let v = decayed(old.map(|old| &old[0]), *rho, &grad.square()?)?;
            let moved = old.map_or_else(|| grad.zeros_like(), |old| old[1].clone());
            let ratio = moved.add_scalar(*eps)?.sqrt()?.div(&v.add_scalar(*eps)?.sqrt()?)?;
            let update = ratio.mul(grad)?;
            let moved = decayed(old.map(|old| &old[1]), *rho, &update.square()?)?;
            memory.set(&item.path, vec![v, moved]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_adadelta".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Adadelta(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
