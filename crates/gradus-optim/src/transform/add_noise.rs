//! Noise that fades.

use gradus_tensor::{Key, Tensor};

use super::{Transformation, Updates};
use crate::Result;
use crate::error::require_size;

/// Adds normal noise to every update.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    eta: f64,
    gamma: f64,
    key: Key,
}

/// Adds N(0, η / (1 + t)^γ) to every element, where t counts the steps before this one.
///
/// The draw is a function of the key, the step and the parameter's path: a run that goes on after a
/// stop, or on other threads, draws the same.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `eta` or `gamma` is negative or not finite.
///
/// # Reference
/// Neelakantan et al. 2015, "Adding Gradient Noise Improves Learning for Very Deep Networks", which
/// takes η in {0.01, 0.3, 1} and γ = 0.55.
pub fn add_noise(eta: f64, gamma: f64, key: Key) -> Result<Noise> {
    require_size("add_noise", "eta", eta)?;
    require_size("add_noise", "gamma", gamma)?;
    Ok(Noise { eta, gamma, key })
}

impl Transformation for Noise {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let key = self.key.fold_in(updates.step);
        let std = (self.eta / (1.0 + updates.step as f64).powf(self.gamma)).sqrt();
        updates.map(|item| {
            let (shape, dtype) = (item.update.shape().clone(), item.update.dtype());
            let noise = Tensor::randn(shape, dtype, key.fold_in(hash(&item.path)))?;
            Ok(item.update.add(&noise.mul_scalar(std)?)?)
        })
    }
}

/// FNV-1a: a number for a path, the same on every machine.
fn hash(path: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    path.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
