//! The keys and values of the positions that were fed already.

mod cache;
mod held;
mod layer;
#[cfg(test)]
mod tests;

pub use cache::{KvCache, KvMark};
pub use layer::KvCacheLayer;
