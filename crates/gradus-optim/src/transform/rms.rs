//! A running root mean square of the gradient.

use super::adam::decayed;
use super::{Transformation, Updates};
use crate::error::{require_decay, require_size};
use crate::{Memory, Part, Result};

/// Second moment of each gradient.
#[derive(Debug, Clone)]
pub struct RmsMoments {
    pub(crate) alpha: f64,
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// v ← α·v + (1 − α)·g²; the update becomes g / (√v + eps), as PyTorch's `RMSprop`.
///
/// State: `square_avg`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `alpha` is not in `0.0..1.0`, or `eps` is negative or not
/// finite.
///
/// # Reference
/// Hinton 2012, "Neural Networks for Machine Learning", lecture 6e.
pub fn scale_by_rms(alpha: f64, eps: f64) -> Result<RmsMoments> {
    require_decay("scale_by_rms", "alpha", alpha)?;
    require_size("scale_by_rms", "eps", eps)?;
    Ok(RmsMoments { alpha, eps, memory: Memory::new(&["square_avg"]) })
}

impl Transformation for RmsMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { alpha, eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?.map(|old| &old[0]);
            let v = decayed(old, *alpha, &grad.square()?)?;
            let update = grad.div(&v.sqrt()?.add_scalar(*eps)?)?;
            memory.set(&item.path, vec![v]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_rms".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Rms(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
