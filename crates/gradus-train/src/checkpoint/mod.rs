//! Runs in files: written whole, checked when read, with the ones before kept.

mod checksum;
mod file;
mod previous;
mod state;

pub use checksum::hash_tensors;
pub use file::Checkpoint;
pub use previous::Resumed;
