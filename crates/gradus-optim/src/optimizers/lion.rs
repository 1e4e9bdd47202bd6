//! The sign of a momentum.

use crate::transform::{add_decayed_weights, scale_by_lion};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Lion: w ← w − lr · (sign(β₁m + (1 − β₁)g) + λ · w), as optax's `lion`; PyTorch has none.
///
/// Every element moves by the whole rate. The paper takes rates three to ten times smaller than
/// AdamW's, and weight decays larger by as much.
///
/// # Reference
/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms".
///
/// # Examples
/// ```
/// use gradus_optim::Lion;
/// let optimizer = Lion { lr: 3e-5, ..Lion::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lion {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the mean that is used, and of the one that is kept.
    pub betas: [f64; 2],
    /// Multiple of the weights that is taken off, times the rate.
    pub weight_decay: f64,
}

/// The paper's: rate 0.0001, decays 0.9 and 0.99.
impl Default for Lion {
    fn default() -> Self {
        Self { lr: 1e-4, schedule: Schedule::Constant, betas: [0.9, 0.99], weight_decay: 0.0 }
    }
}

impl Lion {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(scale_by_lion(self.betas)?)
            .then(add_decayed_weights(self.weight_decay)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
