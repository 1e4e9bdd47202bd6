//! One thread pool for all kernels.
//!
//! [`for_chunks`] runs a closure for every index, the caller taking part; [`for_slices`] hands out
//! disjoint pieces of an output. Kernels split outputs and never a sum, so the bits do not depend
//! on the number of threads. Workers spin briefly and then park; nested calls, and calls made
//! while another thread holds the pool, run on the calling thread alone.

mod crew;
mod gate;
mod size;
mod slices;
mod sync;

pub use crew::for_chunks;
pub use size::{set_threads, threads, unknown_cap, with_threads};
pub(crate) use slices::SharedMut;
pub use slices::{for_slices, for_slices2, grain};
