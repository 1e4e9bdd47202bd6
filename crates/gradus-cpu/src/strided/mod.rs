//! Loops over views: a slice and a [`Layout`](gradus_core::Layout), with broadcasting as stride 0.
//!
//! Dimensions that lie together are merged first, so most views become a few long runs, and a run
//! is handled like a slice: the bits are those of the contiguous kernels.

mod binary;
mod copy;
mod walk;

pub use binary::{binary_strided, compare_strided};
pub use copy::copy_strided;
