//! A running standard deviation of the gradient.

use super::adam::decayed;
use super::{Transformation, Updates};
use crate::error::{require_decay, require_size};
use crate::{Memory, Result};

/// Mean and mean square of each gradient.
#[derive(Debug, Clone)]
pub struct Stddevs {
    alpha: f64,
    eps: f64,
    memory: Memory,
}

/// v ← α·v + (1 − α)·g², a ← α·a + (1 − α)·g; the update becomes g / (√(v − a²) + eps), as PyTorch's
/// `RMSprop(centered=True)`.
///
/// State: `square_avg` and `grad_avg`, in the dtype of the parameter. Where rounding makes v − a²
/// negative it counts as zero.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `alpha` is not in `0.0..1.0`, or `eps` is negative or not
/// finite.
///
/// # Reference
/// Graves 2013, "Generating Sequences With Recurrent Neural Networks", equations 38 to 42.
pub fn scale_by_stddev(alpha: f64, eps: f64) -> Result<Stddevs> {
    require_decay("scale_by_stddev", "alpha", alpha)?;
    require_size("scale_by_stddev", "eps", eps)?;
    Ok(Stddevs { alpha, eps, memory: Memory::new(&["square_avg", "grad_avg"]) })
}

impl Transformation for Stddevs {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { alpha, eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let v = decayed(old.map(|old| &old[0]), *alpha, &grad.square()?)?;
            let mean = decayed(old.map(|old| &old[1]), *alpha, grad)?;
            let variance = v.sub(&mean.square()?)?.relu()?;
            let update = grad.div(&variance.sqrt()?.add_scalar(*eps)?)?;
            memory.set(&item.path, vec![v, mean]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_stddev".to_owned()
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
