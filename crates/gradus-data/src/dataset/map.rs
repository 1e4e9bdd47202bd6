//! Items changed on the way.

use std::fmt;

use crate::{Dataset, Result};

/// A data set whose items pass through a function, which must be pure.
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, Map};
/// let lengths = Map::new(vec!["one", "three"], |word: &str| Ok(word.len()));
/// assert_eq!(lengths.get(1)?, 5);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Clone)]
pub struct Map<D, F> {
    dataset: D,
    f: F,
}

impl<D: Dataset, F> Map<D, F> {
    /// Puts a function behind a data set.
    pub const fn new<U>(dataset: D, f: F) -> Self
    where
        F: Fn(D::Item) -> Result<U>,
    {
        Self { dataset, f }
    }
}

impl<D: Dataset, U, F: Fn(D::Item) -> Result<U>> Dataset for Map<D, F> {
    type Item = U;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn get(&self, index: usize) -> Result<U> {
        (self.f)(self.dataset.get(index)?)
    }
}

impl<D: fmt::Debug, F> fmt::Debug for Map<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("dataset", &self.dataset).finish_non_exhaustive()
    }
}
