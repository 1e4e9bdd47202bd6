//! Blocks one after the other, masked diffusion inside each.

mod cached;
mod fill;
mod model;
mod sight;

pub use cached::CachedBlocks;
pub use model::BlockDiffusion;
