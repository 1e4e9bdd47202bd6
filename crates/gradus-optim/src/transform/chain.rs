//! Links one after the other.

use super::{Transformation, Updates};
use crate::{Memory, Part, Result};

/// Transformations one after the other.
///
/// # Examples
/// ```
/// use gradus_optim::{Chain, Optimizer, Schedule, add_decayed_weights, scale_by_adam};
///
/// // AdamW, spelled out.
/// let chain = Chain::new()
///     .then(scale_by_adam([0.9, 0.999], 1e-8)?)
///     .then(add_decayed_weights(0.01)?);
/// let optimizer = Optimizer::new(chain, 0.001, Schedule::Constant)?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Chain {
    links: Vec<Box<dyn Transformation>>,
}

impl Chain {
    /// No links: the updates are the gradients.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same chain with one more link at its end.
    #[must_use]
    pub fn then(mut self, link: impl Transformation + 'static) -> Self {
        self.links.push(Box::new(link));
        self
    }

    /// The same chain with one more link in front.
    #[must_use]
    pub fn first(mut self, link: impl Transformation + 'static) -> Self {
        self.links.insert(0, Box::new(link));
        self
    }
}

impl Chain {
    /// The links, as parts of the one-pass step.
    pub(crate) fn parts(&mut self) -> impl Iterator<Item = Part<'_>> {
        self.links.iter_mut().map(|link| link.part())
    }
}

impl Transformation for Chain {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        self.links.iter_mut().try_for_each(|link| link.apply(updates))
    }

    fn signature(&self) -> String {
        let links = self.links.iter().map(|link| link.signature());
        links.filter(|link| !link.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn memories(&self) -> Vec<&Memory> {
        self.links.iter().flat_map(|link| link.memories()).collect()
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        self.links.iter_mut().flat_map(|link| link.memories_mut()).collect()
    }
}
