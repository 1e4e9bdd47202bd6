//! Step sizes from signs.

use crate::transform::scale_by_rprop;
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Rprop: a step size per element that grows while the sign of the gradient stays and shrinks
/// when it changes, as PyTorch's `Rprop`.
///
/// For gradients of the whole data. The step sizes are in the units of the weights; the rate of the
/// optimizer, a factor on them all, is 1.
///
/// # Reference
/// Riedmiller & Braun 1993, "A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP
/// Algorithm".
///
/// # Examples
/// ```
/// use gradus_optim::Rprop;
/// let optimizer = Rprop { lr: 0.1, ..Rprop::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rprop {
    /// Step size of every element before the first step.
    pub lr: f64,
    /// By what a step size shrinks and grows.
    pub etas: [f64; 2],
    /// Smallest and largest step size.
    pub step_sizes: [f64; 2],
}

/// PyTorch's: 0.01 at first, factors 0.5 and 1.2, sizes from 10⁻⁶ to 50.
impl Default for Rprop {
    fn default() -> Self {
        Self { lr: 1e-2, etas: [0.5, 1.2], step_sizes: [1e-6, 50.0] }
    }
}

impl Rprop {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        let chain = Chain::new().then(scale_by_rprop(self.lr, self.etas, self.step_sizes)?);
        Optimizer::new(chain, 1.0, Schedule::Constant)
    }
}
