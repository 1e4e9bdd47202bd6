//! Adam with Nesterov's momentum.

use crate::transform::{add_decayed_weights, scale_by_nadam};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of NAdam: Adam with the first moment one step ahead, as PyTorch's `NAdam`.
///
/// The formula is that of [`scale_by_nadam`](crate::scale_by_nadam).
///
/// # Reference
/// Dozat 2016, "Incorporating Nesterov Momentum into Adam".
///
/// # Examples
/// ```
/// use gradus_optim::NAdam;
/// let optimizer = NAdam { lr: 0.01, ..NAdam::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NAdam {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first and the second moment.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// How fast the momentum warms up to the first decay.
    pub momentum_decay: f64,
    /// Multiple of the weights that is added to the gradients, or taken off.
    pub weight_decay: f64,
    /// Whether the weights decay as in [`crate::AdamW`], unseen by the moments.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's: rate 0.002, decays 0.9 and 0.999, `eps` 10⁻⁸, momentum decay 0.004.
impl Default for NAdam {
    fn default() -> Self {
        Self {
            lr: 2e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-8,
            momentum_decay: 4e-3,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

impl NAdam {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let moments = scale_by_nadam(self.betas, self.eps, self.momentum_decay)?;
        let decay = add_decayed_weights(self.weight_decay)?;
        let chain = match self.decoupled_weight_decay {
            true => Chain::new().then(moments).then(decay),
            false => Chain::new().then(decay).then(moments),
        };
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
