//! Stochastic gradient descent.

use crate::error::require;
use crate::transform::{Momentum, add_decayed_weights, trace};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of stochastic gradient descent, with momentum if asked for.
///
/// g ← g + λ · w; b ← μ · b + (1 − dampening) · g; w ← w − lr · b, as PyTorch's `SGD`, with weight
/// decay λ and momentum μ. Without momentum b is g.
///
/// # Reference
/// Robbins & Monro 1951, "A Stochastic Approximation Method"; for momentum see
/// [`trace`](crate::trace).
///
/// # Examples
/// ```
/// use gradus_optim::Sgd;
/// let optimizer =
///     Sgd { lr: 0.1, momentum: 0.9, nesterov: true, ..Sgd::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sgd {
    /// Learning rate.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decay of the moving sum; 0 for none.
    pub momentum: f64,
    /// Share of the gradient that is kept out of the moving sum.
    pub dampening: f64,
    /// Whether the step looks one step ahead (Nesterov); needs momentum, and no dampening.
    pub nesterov: bool,
    /// Multiple of the weights that is added to the gradients.
    pub weight_decay: f64,
}

/// PyTorch's: rate 0.001, nothing else.
impl Default for Sgd {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
        }
    }
}

impl Sgd {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range, or `nesterov` or
    /// `dampening` is set without momentum, where it would do nothing.
    pub fn init(&self) -> Result<Optimizer> {
        let plain = !self.nesterov && self.dampening == 0.0;
        let sense = plain || self.momentum > 0.0;
        let expected = "above zero for nesterov or dampening";
        require(sense, "Sgd", "momentum", expected, self.momentum)?;
        let mut chain = Chain::new().then(add_decayed_weights(self.weight_decay)?);
        if self.momentum != 0.0 {
            let kind = if self.nesterov { Momentum::Nesterov } else { Momentum::Heavy };
            chain = chain.then(trace(self.momentum, self.dampening, kind)?);
        }
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
