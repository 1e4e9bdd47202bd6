//! Parameters with a rate and a decay of their own.

use std::fmt;

use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require_size;

/// How a group of parameters differs from the rest; see [`Optimizer::group`](crate::Optimizer::group).
///
/// Both are factors, so that a group follows the schedule with all the others.
///
/// # Examples
/// ```
/// use gradus_optim::{AdamW, Group};
///
/// // Biases and norms do not decay; the embedding learns at a tenth of the rate.
/// let optimizer = AdamW::default()
///     .init()?
///     .group(|_, value| value.rank() < 2, Group { decay_factor: 0.0, ..Group::default() })?
///     .group(|path, _| path.starts_with("embedding."), Group { lr_factor: 0.1, ..Group::default() })?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Factor on the learning rate; PyTorch's `lr` of a group is this times the optimizer's.
    pub lr_factor: f64,
    /// Factor on the weight decay, coupled or decoupled.
    pub decay_factor: f64,
}

/// As all others.
impl Default for Group {
    fn default() -> Self {
        Self { lr_factor: 1.0, decay_factor: 1.0 }
    }
}

impl Group {
    pub(crate) fn check(self) -> Result<()> {
        require_size("Group", "lr_factor", self.lr_factor)?;
        require_size("Group", "decay_factor", self.decay_factor)
    }
}

/// Whether a parameter, by path and value, belongs to a group.
type Predicate = dyn Fn(&str, &Tensor) -> bool + Send + Sync;

/// The groups of an optimizer; a parameter belongs to the first that takes it.
#[derive(Default)]
pub(crate) struct Groups(Vec<(Box<Predicate>, Group)>);

impl Groups {
    pub(crate) fn push(
        &mut self,
        predicate: impl Fn(&str, &Tensor) -> bool + Send + Sync + 'static,
        group: Group,
    ) {
        self.0.push((Box::new(predicate), group));
    }

    pub(crate) fn of(&self, path: &str, value: &Tensor) -> Group {
        let found = self.0.iter().find(|(predicate, _)| predicate(path, value));
        found.map_or_else(Group::default, |(_, group)| *group)
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(_, group)| group)).finish()
    }
}
