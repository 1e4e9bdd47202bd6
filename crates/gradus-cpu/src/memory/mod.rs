//! Recycled blocks of memory.
//!
//! A training step allocates the same sizes again and again. The system takes large blocks back when
//! they are freed, and hands them out page by page and zeroed: where a fresh 40 MiB block costs 16 ms,
//! a recycled one costs 1 ms. So blocks wait here for their next use, in size classes at quarter
//! powers of two: small ones in a list of the thread that freed them, which needs no lock, the others
//! in a list of the process, up to a limit of idle bytes (`GRADUS_POOL_LIMIT`, by default 1 GiB).
//!
//! Every block begins at a multiple of 64 bytes. From 2 MiB on it begins at a multiple of 2 MiB and
//! asks for huge pages. It is never cleared for its next user, so it holds what it held before;
//! debug builds fill it with garbage, which finds a kernel that does not write every element.
//!
//! ```
//! use gradus_cpu::memory;
//! let mut block = memory::take::<f32>(10_000); // whatever it held before, or zeros
//! block.fill(1.0);
//! drop(block);
//! let report = memory::report();
//! assert!(report.idle >= 40_000 && report.peak >= 40_000);
//! memory::trim(); // back to the system
//! ```

mod back;
mod block;
mod class;
mod front;
mod pooled;
mod report;
mod system;
#[cfg(test)]
mod tests;

pub use block::{Block, IntoBlock, full, reserve, take, zeroed};
pub use pooled::Pooled;
pub use report::{Report, report, reset_peak, trim};
