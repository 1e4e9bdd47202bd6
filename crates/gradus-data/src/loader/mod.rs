//! From a data set to batches: order, collation, workers.

mod batches;
mod collate;
mod order;
mod prefetch;

pub use batches::{Epoch, LastBatch, Loader, LoaderConfig, Position};
pub use collate::{Collate, Stacked};
pub(crate) use order::shuffle;
pub use order::{Shuffle, permutation};
