//! A transformation for some parameters only.

use std::fmt;

use gradus_tensor::Tensor;

use super::{Transformation, Updates};
use crate::{Memory, Result};

/// Which parameters a [`Masked`] transformation sees.
type Predicate = dyn Fn(&str, &Tensor) -> bool + Send + Sync;

/// A transformation that sees some parameters only; the updates of the others pass unchanged.
pub struct Masked<T> {
    inner: T,
    predicate: Box<Predicate>,
}

/// Applies `inner` to the parameters for which `predicate(path, value)` holds.
///
/// # Examples
/// Weight decay for matrices, but not for biases and norms, and a smaller rate for one part:
/// ```
/// use gradus_optim::{
///     Chain, Optimizer, Schedule, add_decayed_weights, masked, scale, scale_by_adam,
/// };
///
/// let chain = Chain::new()
///     .then(scale_by_adam([0.9, 0.95], 1e-8)?)
///     .then(masked(|_, value| value.rank() >= 2, add_decayed_weights(0.1)?))
///     .then(masked(|path, _| path.starts_with("embedding."), scale(0.1)?));
/// let optimizer = Optimizer::new(chain, 3e-4, Schedule::Constant)?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
pub fn masked<T: Transformation>(
    predicate: impl Fn(&str, &Tensor) -> bool + Send + Sync + 'static,
    inner: T,
) -> Masked<T> {
    Masked { inner, predicate: Box::new(predicate) }
}

impl<T: Transformation> Transformation for Masked<T> {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let items = std::mem::take(&mut updates.items);
        let order: Vec<bool> =
            items.iter().map(|item| (self.predicate)(&item.path, &item.value)).collect();
        let (mut seen, mut others) = (Vec::new(), Vec::new());
        for (item, &is_seen) in items.into_iter().zip(&order) {
            if is_seen { seen.push(item) } else { others.push(item) }
        }
        let mut part = Updates { step: updates.step, items: seen };
        self.inner.apply(&mut part)?;
        let (mut seen, mut others) = (part.items.into_iter(), others.into_iter());
        updates.items = order
            .into_iter()
            .filter_map(|is_seen| if is_seen { seen.next() } else { others.next() })
            .collect();
        Ok(())
    }

    fn signature(&self) -> String {
        self.inner.signature()
    }

    fn memories(&self) -> Vec<&Memory> {
        self.inner.memories()
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        self.inner.memories_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for Masked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masked").field("inner", &self.inner).finish_non_exhaustive()
    }
}
