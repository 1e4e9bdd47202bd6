//! Adam with the memory of a row and a column.

use crate::transform::{add_decayed_weights, scale_by_adafactor};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Adafactor, as PyTorch's `Adafactor`: second moments of matrices are kept as those of
/// their rows and columns, and the rate is relative to the size of the weights.
///
/// The formula is that of [`scale_by_adafactor`](crate::scale_by_adafactor); weight decay is decoupled.
///
/// # Reference
/// Shazeer & Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost".
///
/// # Examples
/// ```
/// use gradus_optim::Adafactor;
/// let optimizer = Adafactor { lr: 0.05, ..Adafactor::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adafactor {
    /// Upper bound of the relative rate, which is 1/√t.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Exponent of the second moment's decay 1 − t^`beta2_decay`.
    pub beta2_decay: f64,
    /// Lower bounds of the second moment's root (`None` is the dtype's machine epsilon) and of the
    /// size of the weights (`None` is 0.001).
    pub eps: [Option<f64>; 2],
    /// Largest root mean square of an update.
    pub d: f64,
    /// Multiple of the weights that is taken off, times the rate.
    pub weight_decay: f64,
}

/// PyTorch's: rate 0.01, decay −0.8, `d` 1.
impl Default for Adafactor {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            schedule: Schedule::Constant,
            beta2_decay: -0.8,
            eps: [None, Some(1e-3)],
            d: 1.0,
            weight_decay: 0.0,
        }
    }
}

impl Adafactor {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new()
            .then(scale_by_adafactor(self.beta2_decay, self.eps, self.d)?)
            .then(add_decayed_weights(self.weight_decay)?);
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
