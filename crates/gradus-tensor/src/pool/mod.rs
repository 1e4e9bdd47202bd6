//! Pooling over windows of sequences, images and volumes.

mod image;
mod options;
mod volume;

pub use options::{Pool1dOptions, Pool3dOptions, PoolOptions};
