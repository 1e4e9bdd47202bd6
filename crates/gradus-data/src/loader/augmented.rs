//! Random changes to batches, by key.

use std::fmt;

use gradus_core::{Key, Kind};

use super::batches::Position;
use crate::{Collate, Dataset, Result};

/// Passes every batch of another [`Collate`] through a random function, which is given one key per
/// item.
///
/// The key of an item is a pure function of `key`, the epoch and the item's index, so the changes of
/// an epoch are the same for any number of workers, any batch size and after a resume, and differ
/// from epoch to epoch.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{Augmented, Loader, LoaderConfig, Stacked, TensorDataset};
/// use gradus_tensor::Tensor;
/// let noisy = |[x]: [Tensor; 1], keys: &[Key]| {
///     let noise: Vec<f32> = keys.iter().map(|key| key.normal(0) as f32).collect();
///     Ok([x.add(&Tensor::from(noise))?])
/// };
/// let data = TensorDataset::new([Tensor::new([1.0, 2.0, 3.0])])?;
/// let collate = Augmented::new(Stacked, Key::new(7), noisy);
/// let loader = Loader::with_collate(data, LoaderConfig::new(2), collate)?;
/// let first: Vec<[Tensor; 1]> = loader.epoch(0).collect::<Result<_, _>>()?;
/// let again: Vec<[Tensor; 1]> = loader.epoch(0).collect::<Result<_, _>>()?;
/// let later: Vec<[Tensor; 1]> = loader.epoch(1).collect::<Result<_, _>>()?;
/// assert!(first[0][0].equal(&again[0][0]) && !first[0][0].equal(&later[0][0]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Clone)]
pub struct Augmented<C, F> {
    inner: C,
    key: Key,
    f: F,
}

impl<C, F> Augmented<C, F> {
    /// Puts a random function behind a collation.
    pub const fn new<B>(inner: C, key: Key, f: F) -> Self
    where
        F: Fn(B, &[Key]) -> Result<B>,
    {
        Self { inner, key, f }
    }
}

impl<D, C, F> Collate<D> for Augmented<C, F>
where
    D: Dataset + ?Sized,
    C: Collate<D>,
    F: Fn(C::Batch, &[Key]) -> Result<C::Batch>,
{
    type Batch = C::Batch;

    /// The batch as in epoch 0.
    fn collate(&self, dataset: &D, indices: &[usize]) -> Result<C::Batch> {
        self.collate_at(dataset, indices, Position::default())
    }

    fn collate_at(&self, dataset: &D, indices: &[usize], at: Position) -> Result<C::Batch> {
        let batch = self.inner.collate_at(dataset, indices, at)?;
        let epoch = self.key.fold_in(at.epoch).kind(Kind::Augment);
        let keys: Vec<Key> = indices.iter().map(|&index| epoch.fold_in(index as u64)).collect();
        (self.f)(batch, &keys)
    }
}

impl<C: fmt::Debug, F> fmt::Debug for Augmented<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Augmented")
            .field("inner", &self.inner)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
