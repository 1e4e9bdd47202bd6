//! From a data set to batches: order, collation, workers.

mod augmented;
mod batches;
mod buckets;
mod collate;
mod order;
mod padded;
mod prefetch;
mod sampler;
mod stratified;
mod weighted;

pub use augmented::Augmented;
pub use batches::{Epoch, LastBatch, Loader, LoaderConfig, Position};
pub use buckets::LengthBuckets;
pub use collate::{Collate, Stacked};
pub(crate) use order::shuffle;
pub use order::{Shuffle, permutation};
pub use padded::{PadItem, Padded, PaddedBatch, pad_sequence};
pub use sampler::Sampler;
pub use stratified::StratifiedSampler;
pub use weighted::{Replacement, WeightedSampler};
