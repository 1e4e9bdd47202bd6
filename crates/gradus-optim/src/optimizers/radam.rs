//! Adam that waits until its second moment can be trusted.

use crate::transform::{add_decayed_weights, scale_by_radam};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of rectified Adam, as PyTorch's `RAdam`: plain momentum in the first steps, then Adam with
/// a rate that warms up by itself.
///
/// The formula is that of [`scale_by_radam`](crate::scale_by_radam).
///
/// # Reference
/// Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond".
///
/// # Examples
/// ```
/// use gradus_optim::RAdam;
/// let optimizer = RAdam { lr: 0.01, ..RAdam::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RAdam {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first and the second moment.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Multiple of the weights that is added to the gradients, or taken off.
    pub weight_decay: f64,
    /// Whether the weights decay as in [`crate::AdamW`], unseen by the moments.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's: rate 0.001, decays 0.9 and 0.999, `eps` 10⁻⁸.
impl Default for RAdam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

impl RAdam {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let moments = scale_by_radam(self.betas, self.eps)?;
        let decay = add_decayed_weights(self.weight_decay)?;
        let chain = match self.decoupled_weight_decay {
            true => Chain::new().then(moments).then(decay),
            false => Chain::new().then(decay).then(moments),
        };
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
