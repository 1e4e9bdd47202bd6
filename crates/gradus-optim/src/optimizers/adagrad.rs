//! Adagrad.

use crate::transform::{add_decayed_weights, scale_by_adagrad};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Adagrad: w ← w − lr / (√Σg² + eps) · g, as PyTorch's `Adagrad`.
///
/// The sum runs over all steps so far. PyTorch's `lr_decay` is
/// [`Schedule::InverseTime`].
///
/// # Reference
/// Duchi, Hazan & Singer 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization".
///
/// # Examples
/// ```
/// use gradus_optim::Adagrad;
/// let optimizer = Adagrad { lr: 0.5, ..Adagrad::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adagrad {
    /// Learning rate η.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Value of every sum before the first step.
    pub initial_accumulator: f64,
    /// Added to the root of the sum.
    pub eps: f64,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
}

/// Rate 0.01, `eps` 10⁻¹⁰.
impl Default for Adagrad {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            schedule: Schedule::Constant,
            initial_accumulator: 0.0,
            eps: 1e-10,
            weight_decay: 0.0,
        }
    }
}

impl Adagrad {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(add_decayed_weights(self.weight_decay)?)
            .then(scale_by_adagrad(self.initial_accumulator, self.eps)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
