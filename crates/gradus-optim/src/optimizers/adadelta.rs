//! Adadelta.

use crate::transform::{add_decayed_weights, scale_by_adadelta};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Adadelta: w ← w − lr · √(a + eps) / √(v + eps) · g, as PyTorch's `Adadelta`.
///
/// v and a are running means of squared gradients and of squared updates, so the step has the units of
/// the weights and the rate is 1.
///
/// # Reference
/// Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method".
///
/// # Examples
/// ```
/// use gradus_optim::Adadelta;
/// let optimizer = Adadelta { rho: 0.95, ..Adadelta::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adadelta {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decay of both mean squares.
    pub rho: f64,
    /// Added to both mean squares, inside the roots.
    pub eps: f64,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
}

/// PyTorch's: rate 1, ρ 0.9, `eps` 10⁻⁶.
impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, schedule: Schedule::Constant, rho: 0.9, eps: 1e-6, weight_decay: 0.0 }
    }
}

impl Adadelta {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(add_decayed_weights(self.weight_decay)?)
            .then(scale_by_adadelta(self.rho, self.eps)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
