//! Adam with decoupled weight decay.

use crate::transform::{add_decayed_weights, scale_by_adam, scale_by_amsgrad};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of AdamW: w ← w − lr · (m̂ / (√v̂ + eps) + λ · w), as PyTorch's `AdamW`.
///
/// λ is the weight decay; the moments do not see it. It reaches every parameter; to spare biases and norms, make
/// the chain yourself with [`masked`](crate::masked).
///
/// # Reference
/// Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; the rate
/// multiplies the decay too, as in PyTorch.
///
/// # Examples
/// ```
/// use gradus_optim::{AdamW, Schedule};
/// let schedule = Schedule::cosine(10_000).warmup(500);
/// let optimizer = AdamW { lr: 3e-4, schedule, ..AdamW::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AdamW {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first and the second moment.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Multiple of the weights that is taken off, times the rate.
    pub weight_decay: f64,
    /// Whether the largest second moment so far takes the place of the second moment.
    pub amsgrad: bool,
}

/// PyTorch's: rate 0.001, decays 0.9 and 0.999, `eps` 10⁻⁸, weight decay 0.01.
impl Default for AdamW {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.01,
            amsgrad: false,
        }
    }
}

impl AdamW {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let moments = match self.amsgrad {
            true => Chain::new().then(scale_by_amsgrad(self.betas, self.eps)?),
            false => Chain::new().then(scale_by_adam(self.betas, self.eps)?),
        };
        let chain = moments.then(add_decayed_weights(self.weight_decay)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
