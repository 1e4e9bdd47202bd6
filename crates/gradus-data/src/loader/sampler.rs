//! Orders beyond shuffling: what a sampler is.

use std::fmt;

/// Which items an epoch visits, and in which order; given to a loader by
/// [`crate::Loader::with_sampler`].
///
/// `indices` must be a pure function of the epoch, so that a resumed run sees the same batches.
///
/// # Examples
/// ```
/// use gradus_data::{Loader, LoaderConfig, Sampler};
///
/// #[derive(Debug)]
/// struct Backwards(usize);
///
/// impl Sampler for Backwards {
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn indices(&self, _epoch: u64) -> Vec<usize> {
///         (0..self.0).rev().collect()
///     }
/// }
/// let join = |items: Vec<&str>| Ok(items.concat());
/// let loader = Loader::with_collate(vec!["a", "b", "c"], LoaderConfig::new(2), join)?;
/// let loader = loader.with_sampler(Backwards(3))?;
/// let batches: Vec<String> = loader.epoch(0).collect::<Result<_, _>>()?;
/// assert_eq!(batches, ["cb", "a"]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Sampler: fmt::Debug + Send + Sync {
    /// How many indices every epoch has.
    fn len(&self) -> usize;

    /// Whether an epoch has no index.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The indices of an epoch, in order; an index may be repeated or left out.
    fn indices(&self, epoch: u64) -> Vec<usize>;
}
