//! Adam for large batches.

use crate::transform::{add_decayed_weights, scale_by_adam, scale_by_trust_ratio};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of LAMB: AdamW whose update of each parameter is scaled to the norm of that parameter, as
/// optax's `lamb`; PyTorch has none.
///
/// # Reference
/// You et al. 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes".
///
/// # Examples
/// ```
/// use gradus_optim::Lamb;
/// let optimizer = Lamb { lr: 0.01, ..Lamb::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lamb {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first and the second moment.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Multiple of the weights that is added to the updates before they are scaled.
    pub weight_decay: f64,
}

/// The paper's: rate 0.001, decays 0.9 and 0.999, `eps` 10⁻⁶.
impl Default for Lamb {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-6,
            weight_decay: 0.0,
        }
    }
}

impl Lamb {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(scale_by_adam(self.betas, self.eps)?)
            .then(add_decayed_weights(self.weight_decay)?)
            .then(scale_by_trust_ratio(1.0, 0.0)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
