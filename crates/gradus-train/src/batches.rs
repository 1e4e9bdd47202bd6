//! Where a run gets its batches from.

use gradus_data::{Collate, Dataset, Loader, Position};

use crate::error::Result;

/// The batches of an epoch, from one of them on.
pub type Epoch<'a, B> = Box<dyn Iterator<Item = Result<B>> + 'a>;

/// A source of batches, epoch after epoch.
///
/// The batches of an epoch must be a pure function of the epoch's number: a run that is resumed in
/// the middle of an epoch asks for the rest of it. Implemented for [`Loader`], and for vectors and
/// arrays of batches, which come in the same order in every epoch.
///
/// # Examples
/// ```
/// use gradus_train::Batches;
/// let batches = vec!["a", "b", "c"];
/// let rest: Vec<_> = batches.epoch(0, 1).collect::<Result<_, _>>()?;
/// assert_eq!(rest, ["b", "c"]);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub trait Batches {
    /// What the loss is given.
    type Batch;

    /// Batches per epoch.
    fn len(&self) -> usize;

    /// Whether an epoch has no batch.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The batches of an epoch, which counts from 0, without the first `skip`.
    fn epoch(&self, epoch: u64, skip: usize) -> Epoch<'_, Self::Batch>;
}

impl<D, C> Batches for Loader<D, C>
where
    D: Dataset + Send + Sync + 'static,
    C: Collate<D> + Send + Sync + 'static,
    C::Batch: Send + 'static,
{
    type Batch = C::Batch;

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn epoch(&self, epoch: u64, skip: usize) -> Epoch<'_, C::Batch> {
        Box::new(self.resume(Position { epoch, batch: skip }).map(|batch| Ok(batch?)))
    }
}

impl<B: Clone> Batches for [B] {
    type Batch = B;

    fn len(&self) -> usize {
        self.len()
    }

    fn epoch(&self, _: u64, skip: usize) -> Epoch<'_, B> {
        Box::new(self.iter().skip(skip).cloned().map(Ok))
    }
}

impl<B: Clone> Batches for Vec<B> {
    type Batch = B;

    fn len(&self) -> usize {
        self.len()
    }

    fn epoch(&self, epoch: u64, skip: usize) -> Epoch<'_, B> {
        self.as_slice().epoch(epoch, skip)
    }
}

impl<B: Clone, const N: usize> Batches for [B; N] {
    type Batch = B;

    fn len(&self) -> usize {
        N
    }

    fn epoch(&self, epoch: u64, skip: usize) -> Epoch<'_, B> {
        self.as_slice().epoch(epoch, skip)
    }
}
