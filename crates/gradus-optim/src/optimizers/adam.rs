//! Adam.

use crate::transform::{add_decayed_weights, scale_by_adam, scale_by_amsgrad};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Adam: w ← w − lr · m̂ / (√v̂ + eps), as PyTorch's `Adam`.
///
/// Weight decay is L2 regularisation: it is added to the gradients, so the moments see it. For
/// decoupled decay take [`crate::AdamW`].
///
/// # Reference
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1.
///
/// # Examples
/// ```
/// use gradus_optim::Adam;
/// let optimizer = Adam { lr: 0.01, ..Adam::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adam {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first and the second moment.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
    /// Whether the largest second moment so far takes the place of the second moment.
    pub amsgrad: bool,
}

/// The paper's: rate 0.001, decays 0.9 and 0.999, `eps` 10⁻⁸.
impl Default for Adam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
        }
    }
}

impl Adam {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new().then(add_decayed_weights(self.weight_decay)?);
        let chain = match self.amsgrad {
            true => chain.then(scale_by_amsgrad(self.betas, self.eps)?),
            false => chain.then(scale_by_adam(self.betas, self.eps)?),
        };
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
