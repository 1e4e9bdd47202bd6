//! Momentum.

use super::{Transformation, Updates};
use crate::error::{require, require_decay, require_size};
use crate::{Memory, Part, Result};

/// Which point of the path of a moving average the update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Momentum {
    /// The average itself.
    #[default]
    Heavy,
    /// The average one step ahead: g + μ·b.
    Nesterov,
}

/// A decaying sum of the updates so far.
#[derive(Debug, Clone)]
pub struct Trace {
    pub(crate) decay: f64,
    pub(crate) dampening: f64,
    pub(crate) momentum: Momentum,
    pub(crate) memory: Memory,
}

/// b ← μ·b + (1 − dampening)·g, with b = g at the first step; the update becomes b, or g + μ·b
/// with [`Momentum::Nesterov`]. As PyTorch's SGD; state `momentum_buffer`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `decay` is negative or not finite, or `dampening` is not in
/// `0.0..=1.0`, or above zero with Nesterov's momentum.
///
/// # Reference
/// Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever et
/// al. 2013, "On the importance of initialization and momentum in deep learning", where the rate
/// is inside the buffer: the two agree while the rate is constant.
pub fn trace(decay: f64, dampening: f64, momentum: Momentum) -> Result<Trace> {
    require_size("trace", "decay", decay)?;
    let valid = (0.0..=1.0).contains(&dampening);
    require(valid, "trace", "dampening", "in 0.0..=1.0", dampening)?;
    if momentum == Momentum::Nesterov {
        require(dampening == 0.0, "trace", "dampening", "zero with Nesterov momentum", dampening)?;
        require_decay("trace", "decay", decay)?;
    }
    Ok(Trace { decay, dampening, momentum, memory: Memory::new(&["momentum_buffer"]) })
}

impl Transformation for Trace {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { decay, dampening, momentum, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let sum = match memory.get(&item.path, grad)? {
                None => grad.clone(),
                Some(old) if *dampening == 0.0 => old[0].mul_scalar(*decay)?.add(grad)?,
                Some(old) => old[0].mul_scalar(*decay)?.add(&grad.mul_scalar(1.0 - *dampening)?)?,
            };
            memory.set(&item.path, vec![sum.clone()]);
            Ok(match momentum {
                Momentum::Heavy => sum,
                Momentum::Nesterov => grad.add(&sum.mul_scalar(*decay)?)?,
            })
        })
    }

    fn signature(&self) -> String {
        "trace".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Trace(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
