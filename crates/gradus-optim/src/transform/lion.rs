//! The sign of a momentum.

use super::adam::decayed;
use super::{Transformation, Updates};
use crate::error::require_decay;
use crate::{Memory, Part, Result};

/// First moment of each gradient, of which only signs are used.
#[derive(Debug, Clone)]
pub struct LionMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) memory: Memory,
}

/// The update becomes sign(β₁m + (1 − β₁)g); then m ← β₂m + (1 − β₂)g.
///
/// Every element moves by the whole rate, so it wants a rate three to ten times smaller than Adam's.
/// State: `exp_avg`, in the dtype of the parameter. As optax's `scale_by_lion`; PyTorch has none.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`.
///
/// # Reference
/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2.
pub fn scale_by_lion(betas: [f64; 2]) -> Result<LionMoments> {
    require_decay("scale_by_lion", "beta1", betas[0])?;
    require_decay("scale_by_lion", "beta2", betas[1])?;
    Ok(LionMoments { betas, memory: Memory::new(&["exp_avg"]) })
}

impl Transformation for LionMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?.map(|old| &old[0]);
            let update = decayed(old, *beta1, grad)?.sign()?;
            let m = decayed(old, *beta2, grad)?;
            memory.set(&item.path, vec![m]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_lion".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Lion(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
