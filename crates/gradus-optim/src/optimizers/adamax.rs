//! Adam in the infinity norm.

use crate::transform::{add_decayed_weights, scale_by_adamax};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Adamax: w ← w − lr · m̂ / u with u the decaying maximum of |g|, as PyTorch's `Adamax`.
///
/// # Reference
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 2.
///
/// # Examples
/// ```
/// use gradus_optim::Adamax;
/// let optimizer = Adamax { lr: 0.01, ..Adamax::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adamax {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decays of the first moment and of the maximum.
    pub betas: [f64; 2],
    /// Added to |g|.
    pub eps: f64,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
}

/// PyTorch's: rate 0.002, decays 0.9 and 0.999, `eps` 10⁻⁸.
impl Default for Adamax {
    fn default() -> Self {
        Self {
            lr: 2e-3,
            schedule: Schedule::Constant,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Adamax {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(add_decayed_weights(self.weight_decay)?)
            .then(scale_by_adamax(self.betas, self.eps)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
