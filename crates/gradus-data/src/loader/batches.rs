//! The loader and its epochs.

use std::fmt;
use std::sync::Arc;

use super::prefetch::Prefetch;
use crate::{Collate, Dataset, Error, Result, Sampler, Shuffle, Stacked};

/// What becomes of a last batch that is not full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastBatch {
    /// It is given like any other.
    #[default]
    Keep,
    /// It is left out, so that all batches have the same size.
    Drop,
}

/// How a [`Loader`] makes batches.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{LoaderConfig, Shuffle};
/// let config = LoaderConfig { shuffle: Shuffle::Keyed(Key::new(7)), ..LoaderConfig::new(32) };
/// assert_eq!(config.workers, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderConfig {
    /// Items per batch.
    pub batch_size: usize,
    /// In which order the items are visited; [`Shuffle::No`] by default.
    pub shuffle: Shuffle,
    /// Whether a last, smaller batch is given; [`LastBatch::Keep`] by default.
    pub last_batch: LastBatch,
    /// Threads that prepare batches ahead; 0 (the default) prepares them when they are asked for.
    /// The batches and their order do not depend on this number.
    pub workers: usize,
    /// Batches that each worker may prepare ahead, at least 1; 2 by default.
    pub prefetch: usize,
}

impl LoaderConfig {
    /// Sequential batches of `batch_size` items, made in the calling thread.
    pub const fn new(batch_size: usize) -> Self {
        let (shuffle, last_batch) = (Shuffle::No, LastBatch::Keep);
        Self { batch_size, shuffle, last_batch, workers: 0, prefetch: 2 }
    }

    fn validate(&self) -> Result<()> {
        for (name, value) in [("batch_size", self.batch_size), ("prefetch", self.prefetch)] {
            if value == 0 {
                let (op, expected) = ("Loader::new", "positive");
                return Err(Error::InvalidArgument { op, name, expected, got: value.to_string() });
            }
        }
        Ok(())
    }
}

/// A place in a run over the data, to be saved and returned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// The epoch.
    pub epoch: u64,
    /// The next batch of that epoch.
    pub batch: usize,
}

/// Gives a data set in batches, epoch after epoch.
///
/// The batches of an epoch are a pure function of the configuration, the data set and the epoch's
/// number: 0, 1 or many workers give the same batches in the same order, and so does a run that is
/// resumed at a [`Position`].
///
/// Workers outlive the call that starts them, so a data set must own what it gives, or share it in
/// an `Arc`: load a `Subset` of an `Arc<D>` or of a cheap clone, not of a `&D`.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{Loader, LoaderConfig, Shuffle, TensorDataset};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [4.0], [5.0]]);
/// let y = Tensor::new([0, 1, 0, 1, 0]);
/// let config = LoaderConfig { shuffle: Shuffle::Keyed(Key::new(7)), ..LoaderConfig::new(2) };
/// let loader = Loader::new(TensorDataset::new([x, y])?, config)?;
/// let mut seen = 0;
/// for batch in loader.epoch(0) {
///     let [x, y] = batch?; // (B, 1), (B)
///     assert_eq!(x.dims()[0], y.dims()[0]);
///     seen += y.len();
/// }
/// assert_eq!((seen, loader.len()), (5, 3));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug)]
pub struct Loader<D, C = Stacked> {
    dataset: Arc<D>,
    collate: Arc<C>,
    config: LoaderConfig,
    sampler: Option<Arc<dyn Sampler>>,
}

impl<D: Dataset> Loader<D> {
    /// A loader that stacks items.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if `batch_size` or `prefetch` is 0.
    pub fn new(dataset: D, config: LoaderConfig) -> Result<Self> {
        Self::with_collate(dataset, config, Stacked)
    }
}

impl<D: Dataset, C> Loader<D, C> {
    /// A loader with another way from items to a batch.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if `batch_size` or `prefetch` is 0.
    pub fn with_collate(dataset: D, config: LoaderConfig, collate: C) -> Result<Self> {
        config.validate()?;
        let (dataset, collate) = (Arc::new(dataset), Arc::new(collate));
        Ok(Self { dataset, collate, config, sampler: None })
    }

    /// The same loader with a sampler's order: [`crate::WeightedSampler`],
    /// [`crate::StratifiedSampler`], [`crate::LengthBuckets`] or one of your own.
    ///
    /// An index beyond the data set is an error of its batch.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the configuration asks for shuffling: there is one order.
    pub fn with_sampler(mut self, sampler: impl Sampler + 'static) -> Result<Self> {
        if self.config.shuffle != Shuffle::No {
            let (op, name, expected) = ("Loader::with_sampler", "shuffle", "Shuffle::No");
            let got = format!("{:?}", self.config.shuffle);
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        self.sampler = Some(Arc::new(sampler));
        Ok(self)
    }

    /// How many indices an epoch has.
    fn n_indices(&self) -> usize {
        self.sampler.as_ref().map_or_else(|| self.dataset.len(), |sampler| sampler.len())
    }

    /// Batches per epoch.
    pub fn len(&self) -> usize {
        let (items, size) = (self.n_indices(), self.config.batch_size);
        match self.config.last_batch {
            LastBatch::Keep => items.div_ceil(size),
            LastBatch::Drop => items / size,
        }
    }

    /// Whether an epoch has no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The data set.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The configuration.
    pub const fn config(&self) -> &LoaderConfig {
        &self.config
    }

    /// The batches of an epoch. Workers start with the first batch that is asked for, and end when
    /// the iterator is dropped. A worker's panic is passed on in its batch's place.
    pub fn epoch(&self, epoch: u64) -> Epoch<D, C>
    where
        C: Collate<D>,
    {
        let order = match &self.sampler {
            Some(sampler) => sampler.indices(epoch),
            None => self.config.shuffle.indices(self.dataset.len(), epoch),
        };
        let plan = Plan { order, batch_size: self.config.batch_size, n_batches: self.len(), epoch };
        Epoch {
            source: Source {
                dataset: Arc::clone(&self.dataset),
                collate: Arc::clone(&self.collate),
                plan: Arc::new(plan),
            },
            workers: self.config.workers,
            prefetch: self.config.prefetch,
            next: Position { epoch, batch: 0 },
            running: None,
        }
    }

    /// The rest of an epoch, from a saved position on.
    pub fn resume(&self, position: Position) -> Epoch<D, C>
    where
        C: Collate<D>,
    {
        self.epoch(position.epoch).skip_batches(position.batch)
    }
}

/// Which items make which batch of an epoch.
#[derive(Debug)]
struct Plan {
    order: Vec<usize>,
    batch_size: usize,
    n_batches: usize,
    epoch: u64,
}

/// Makes any batch of an epoch, in any thread.
pub(super) struct Source<D, C> {
    dataset: Arc<D>,
    collate: Arc<C>,
    plan: Arc<Plan>,
}

impl<D, C> Clone for Source<D, C> {
    fn clone(&self) -> Self {
        Self {
            dataset: Arc::clone(&self.dataset),
            collate: Arc::clone(&self.collate),
            plan: Arc::clone(&self.plan),
        }
    }
}

impl<D: Dataset, C: Collate<D>> Source<D, C> {
    pub(super) fn n_batches(&self) -> usize {
        self.plan.n_batches
    }

    pub(super) fn batch(&self, batch: usize) -> Result<C::Batch> {
        let start = batch * self.plan.batch_size;
        let end = (start + self.plan.batch_size).min(self.plan.order.len());
        let at = Position { epoch: self.plan.epoch, batch };
        self.collate.collate_at(&self.dataset, &self.plan.order[start.min(end)..end], at)
    }
}

/// The batches of one epoch, in order.
///
/// A batch that cannot be made is an `Err` in its place; the batches after it still come.
pub struct Epoch<D, C: Collate<D>>
where
    D: Dataset,
{
    source: Source<D, C>,
    workers: usize,
    prefetch: usize,
    next: Position,
    running: Option<Prefetch<C::Batch>>,
}

impl<D: Dataset, C: Collate<D>> Epoch<D, C> {
    /// Leaves out batches without making them. (`Iterator::skip` would make and drop them.)
    #[must_use]
    pub fn skip_batches(mut self, n: usize) -> Self {
        self.next.batch = self.next.batch.saturating_add(n).min(self.source.n_batches());
        self.running = None;
        self
    }

    /// Where the next batch is; [`Loader::resume`] returns to it.
    pub const fn position(&self) -> Position {
        self.next
    }
}

impl<D, C> Iterator for Epoch<D, C>
where
    D: Dataset + Send + Sync + 'static,
    C: Collate<D> + Send + Sync + 'static,
    C::Batch: Send + 'static,
{
    type Item = Result<C::Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.next.batch;
        if batch >= self.source.n_batches() {
            return None;
        }
        self.next.batch += 1;
        if self.workers == 0 {
            return Some(self.source.batch(batch));
        }
        Some(self.running(batch).and_then(|running| running.take(batch)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.source.n_batches() - self.next.batch;
        (left, Some(left))
    }
}

impl<D, C> Epoch<D, C>
where
    D: Dataset + Send + Sync + 'static,
    C: Collate<D> + Send + Sync + 'static,
    C::Batch: Send + 'static,
{
    /// The workers, started at `batch` if they are not running yet.
    fn running(&mut self, batch: usize) -> Result<&mut Prefetch<C::Batch>> {
        let running = match self.running.take() {
            Some(running) => running,
            None => Prefetch::start(&self.source, batch, self.workers, self.prefetch)?,
        };
        Ok(self.running.insert(running))
    }
}

impl<D, C> ExactSizeIterator for Epoch<D, C>
where
    D: Dataset + Send + Sync + 'static,
    C: Collate<D> + Send + Sync + 'static,
    C::Batch: Send + 'static,
{
}

impl<D: Dataset, C: Collate<D>> fmt::Debug for Epoch<D, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.source.n_batches() - self.next.batch;
        f.debug_struct("Epoch")
            .field("next", &self.next)
            .field("left", &left)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}
