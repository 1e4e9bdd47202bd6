//! Gradients of several batches for one step.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::error::require;
use crate::fused::Target;
use crate::{Memory, Result};

/// The sum of the gradients since the last step.
#[derive(Debug)]
pub(crate) struct Accumulation {
    batches: u64,
    /// Batches since the last step.
    pub(crate) seen: u64,
    memory: Memory,
}

impl Accumulation {
    pub(crate) fn new(batches: u64) -> Result<Self> {
        require(batches > 0, "accumulate", "batches", "above zero", batches as f64)?;
        Ok(Self { batches, seen: 0, memory: Memory::new(&["grad_sum"]) })
    }

    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) const fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Adds the gradients of a batch, all or none; gives the mean of all once they are complete.
    pub(crate) fn add(
        &mut self,
        targets: &[Target<'_>],
    ) -> Result<Option<BTreeMap<String, Tensor>>> {
        let sum = |target: &Target<'_>| match self.memory.get(&target.path, &target.grad)? {
            Some([old]) => Ok(old.add(&target.grad)?),
            _ => Ok(target.grad.clone()),
        };
        let sums = targets.iter().map(sum).collect::<Result<Vec<_>>>()?;
        for (target, sum) in targets.iter().zip(sums) {
            self.memory.set(&target.path, vec![sum]);
        }
        self.seen += 1;
        if self.seen < self.batches {
            return Ok(None);
        }
        let share = 1.0 / self.seen as f64;
        let mean =
            |(path, sum): (&String, &[Tensor])| Ok((path.clone(), sum[0].mul_scalar(share)?));
        let means = self.memory.iter().map(mean).collect::<Result<_>>()?;
        self.seen = 0;
        self.memory.replace(BTreeMap::new());
        Ok(Some(means))
    }
}
