//! k steps forward, one step back.

use crate::error::require;
use crate::fused::Target;
use crate::{Memory, Result};

/// Slow weights that follow the fast ones.
#[derive(Debug)]
pub(crate) struct Lookahead {
    every: u64,
    alpha: f64,
    memory: Memory,
}

impl Lookahead {
    pub(crate) fn new(every: u64, alpha: f64) -> Result<Self> {
        require(every > 0, "lookahead", "every", "above zero", every as f64)?;
        require(alpha > 0.0 && alpha <= 1.0, "lookahead", "alpha", "above 0 and at most 1", alpha)?;
        Ok(Self { every, alpha, memory: Memory::new(&["slow"]) })
    }

    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) const fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Checks the slow weights, which begin as the parameters do.
    pub(crate) fn before(&mut self, targets: &[Target<'_>]) -> Result<()> {
        for target in targets {
            let value = target.param.value();
            if self.memory.get(&target.path, value)?.is_none() {
                self.memory.set(&target.path, vec![value.clone()]);
            }
        }
        Ok(())
    }

    /// Every so many steps, moves the slow weights towards the fast ones, and these onto them.
    pub(crate) fn after(&mut self, step: u64, targets: &mut [Target<'_>]) -> Result<()> {
        if !step.is_multiple_of(self.every) {
            return Ok(());
        }
        for target in targets {
            let fast = target.param.value();
            let Some([slow]) = self.memory.get(&target.path, fast)? else { continue };
            let slow = slow.add(&fast.sub(slow)?.mul_scalar(self.alpha)?)?;
            self.memory.set(&target.path, vec![slow.clone()]);
            target.param.set_value(slow)?;
        }
        Ok(())
    }
}
