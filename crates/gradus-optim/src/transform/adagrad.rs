//! The sum of all squared gradients.

use super::{Transformation, Updates};
use crate::error::{require, require_size};
use crate::{Memory, Part, Result};

/// Sum of squares of each gradient.
#[derive(Debug, Clone)]
pub struct Adagrads {
    pub(crate) initial: f64,
    pub(crate) eps: f64,
    pub(crate) memory: Memory,
}

/// s ← s + g², from `initial`; the update becomes g / (√s + eps), as PyTorch's `Adagrad`.
///
/// State: `sum`, in the dtype of the parameter.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `initial` is negative or not finite, or `eps` is not finite
/// and above zero (an element whose gradients are all zero would be 0/0).
///
/// # Reference
/// Duchi, Hazan & Singer 2011, "Adaptive Subgradient Methods", with the diagonal matrix, where
/// `eps` is δ.
pub fn scale_by_adagrad(initial: f64, eps: f64) -> Result<Adagrads> {
    require_size("scale_by_adagrad", "initial", initial)?;
    let valid = eps.is_finite() && eps > 0.0;
    require(valid, "scale_by_adagrad", "eps", "finite and above zero", eps)?;
    Ok(Adagrads { initial, eps, memory: Memory::new(&["sum"]) })
}

impl Transformation for Adagrads {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { initial, eps, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let total = match memory.get(&item.path, grad)? {
                None => grad.square()?.add_scalar(*initial)?,
                Some(old) => old[0].add(&grad.square()?)?,
            };
            let update = grad.div(&total.sqrt()?.add_scalar(*eps)?)?;
            memory.set(&item.path, vec![total]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_adagrad".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Adagrad(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
