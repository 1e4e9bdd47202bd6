//! How items become a batch.

use super::batches::Position;
use crate::{Dataset, Result, Stack};

/// Makes a batch from the items at some indices.
///
/// [`Stacked`] stacks tensors. Any function from the items to a batch is a `Collate` too, for
/// example one that pads sequences of different lengths.
///
/// # Examples
/// ```
/// use gradus_data::Collate;
/// let words = vec!["a", "bc", "d"];
/// let join = |items: Vec<&str>| Ok(items.concat());
/// assert_eq!(join.collate(&words, &[1, 0])?, "bca");
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Collate<D: Dataset + ?Sized> {
    /// What a model is given.
    type Batch;

    /// The batch of the items at `indices`, in that order.
    ///
    /// # Errors
    /// Those of [`Dataset::get`], and items that do not go together.
    fn collate(&self, dataset: &D, indices: &[usize]) -> Result<Self::Batch>;

    /// The batch at a place of a run: what a [`crate::Loader`] calls. Only a collation that draws at
    /// random, such as [`crate::Augmented`], needs the place.
    ///
    /// # Errors
    /// Those of [`Collate::collate`].
    fn collate_at(&self, dataset: &D, indices: &[usize], at: Position) -> Result<Self::Batch> {
        let _place = at;
        self.collate(dataset, indices)
    }
}

/// Stacks the items along a new first dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stacked;

impl<D: Dataset + ?Sized> Collate<D> for Stacked
where
    D::Item: Stack,
{
    type Batch = D::Item;

    fn collate(&self, dataset: &D, indices: &[usize]) -> Result<D::Item> {
        dataset.get_batch(indices)
    }
}

impl<D: Dataset + ?Sized, B, F: Fn(Vec<D::Item>) -> Result<B>> Collate<D> for F {
    type Batch = B;

    fn collate(&self, dataset: &D, indices: &[usize]) -> Result<B> {
        self(indices.iter().map(|&i| dataset.get(i)).collect::<Result<_>>()?)
    }
}
