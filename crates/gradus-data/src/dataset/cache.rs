//! Items kept in memory.

use std::fmt;
use std::sync::OnceLock;

use crate::{Dataset, Result};

/// Keeps every item in memory once it was made, for data sets whose items are slow to make: decoded
/// pictures, tokenized texts. Put random changes above it, not below.
///
/// Workers share the cache. If two ask for a new item at once, both make it and one copy stays; an
/// error is not kept.
///
/// # Examples
/// ```
/// use std::cell::Cell;
/// use gradus_data::{Cache, Dataset, Map};
/// let made = Cell::new(0);
/// let slow = Map::new(vec![1, 2], |x: i32| {
///     made.set(made.get() + 1);
///     Ok(x * x)
/// });
/// let cache = Cache::new(slow);
/// assert_eq!((cache.get(1)?, cache.get(1)?, made.get()), (4, 4, 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub struct Cache<D: Dataset> {
    dataset: D,
    items: Vec<OnceLock<D::Item>>,
}

impl<D: Dataset> Cache<D> {
    /// An empty cache above a data set whose length does not change.
    pub fn new(dataset: D) -> Self {
        let items = (0..dataset.len()).map(|_| OnceLock::new()).collect();
        Self { dataset, items }
    }

    /// How many items are kept.
    pub fn n_kept(&self) -> usize {
        self.items.iter().filter(|item| item.get().is_some()).count()
    }
}

impl<D: Dataset> Dataset for Cache<D>
where
    D::Item: Clone,
{
    type Item = D::Item;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        self.check_index(index)?;
        let place = &self.items[index];
        if let Some(item) = place.get() {
            return Ok(item.clone());
        }
        let item = self.dataset.get(index)?;
        Ok(place.get_or_init(|| item).clone())
    }
}

impl<D: Dataset + fmt::Debug> fmt::Debug for Cache<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.n_kept();
        f.debug_struct("Cache").field("dataset", &self.dataset).field("kept", &kept).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{Error, Map};

    #[test]
    fn errors_are_not_kept() {
        let tries = AtomicUsize::new(0);
        let moody = Map::new(vec![7], |x: i32| match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::IndexOutOfRange { index: 0, len: 0 }),
            _ => Ok(x),
        });
        let cache = Cache::new(moody);
        assert!(cache.get(0).is_err());
        assert_eq!((cache.n_kept(), cache.get(0).unwrap(), cache.get(0).unwrap()), (0, 7, 7));
        assert_eq!((cache.n_kept(), tries.load(Ordering::SeqCst)), (1, 2));
        assert!(cache.get(1).is_err());
    }
}
