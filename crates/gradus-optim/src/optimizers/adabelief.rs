//! Steps as large as the gradient is near to what was expected.

use crate::transform::{add_decayed_weights, scale_by_belief};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of AdaBelief: Adam with the variance of the gradient around its mean in place of the second
/// moment, as optax's `adabelief`; PyTorch has none.
///
/// Weight decay is decoupled, as the paper recommends.
///
/// # Reference
/// Zhuang et al. 2020, "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients".
///
/// # Examples
/// ```
/// use gradus_optim::AdaBelief;
/// let optimizer = AdaBelief { lr: 0.01, ..AdaBelief::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AdaBelief {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the mean and of the variance.
    pub betas: [f64; 2],
    /// Added to the variance, and to its root.
    pub eps: f64,
    /// Multiple of the weights that is taken off, times the rate.
    pub weight_decay: f64,
}

/// The paper's and optax's: rate 0.001, decays 0.9 and 0.999, `eps` 10⁻¹⁶.
impl Default for AdaBelief {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-16,
            weight_decay: 0.0,
        }
    }
}

impl AdaBelief {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(scale_by_belief(self.betas, self.eps)?)
            .then(add_decayed_weights(self.weight_decay)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
