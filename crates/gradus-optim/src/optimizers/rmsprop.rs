//! RMSProp.

use crate::transform::{Momentum, add_decayed_weights, scale_by_rms, scale_by_stddev, trace};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of RMSProp: v ← α·v + (1 − α)·g²; w ← w − lr · g / (√v + eps), as PyTorch's `RMSprop`.
///
/// Centered, v − a² takes the place of v, where a is the running mean of g. With momentum, the step is the moving sum of g / (√v + eps).
///
/// # Reference
/// Hinton 2012, "Neural Networks for Machine Learning", lecture 6e.
///
/// # Examples
/// ```
/// use gradus_optim::RmsProp;
/// let optimizer = RmsProp { lr: 0.001, ..RmsProp::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RmsProp {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decay of the mean square.
    pub alpha: f64,
    /// Added to the root of the mean square.
    pub eps: f64,
    /// Decay of the moving sum of steps; 0 for none.
    pub momentum: f64,
    /// Whether gradients are divided by their standard deviation.
    pub centered: bool,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
}

/// PyTorch's: rate 0.01, α 0.99, `eps` 10⁻⁸, no momentum.
impl Default for RmsProp {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            schedule: Schedule::Constant,
            alpha: 0.99,
            eps: 1e-8,
            momentum: 0.0,
            centered: false,
            weight_decay: 0.0,
        }
    }
}

impl RmsProp {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new().then(add_decayed_weights(self.weight_decay)?);
        let mut chain = match self.centered {
            true => chain.then(scale_by_stddev(self.alpha, self.eps)?),
            false => chain.then(scale_by_rms(self.alpha, self.eps)?),
        };
        if self.momentum != 0.0 {
            chain = chain.then(trace(self.momentum, 0.0, Momentum::Heavy)?);
        }
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
