//! Which instructions the kernels may use.
//!
//! The machine is asked once. `GRADUS_ISA=generic|avx2|avx512|amx` lowers the level; any other value
//! is ignored, and [`unknown_cap`] says so. [`with_level`] lowers the level for one closure, which is
//! how the tests run every kernel at every level.
//!
//! Code that picks a kernel by level lists [`Level::Amx`] together with [`Level::Avx512`] unless it
//! has a kernel for tiles: each level includes the ones before it.

#[cfg(target_arch = "x86_64")]
mod amx;
mod cap;
mod dot;
mod kernel;
mod level;

pub use cap::unknown_cap;
pub use dot::dot_bf16;
pub(crate) use kernel::{Kernel, dispatch};
pub use level::{Level, available, level, with_level};
