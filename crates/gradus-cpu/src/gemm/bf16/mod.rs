//! Products of `bf16` with sums in `f32`.
//!
//! | engine | machine | K order |
//! |---|---|---|
//! | tiles | AMX | steps of 32 k: even chain plus odd chain, added to the sum |
//! | dot products | AVX-512 BF16 where it is fast, see [`dot_bf16`](crate::isa::dot_bf16) | one chain over pairs of k, the odd product first |
//! | widening | all others | that of the `f32` product |
//!
//! The order is the same for every shape, stride and number of threads, so a row has the same bits
//! whatever number of rows is computed with it. The first two take subnormal operands and sums for
//! zero, as their instructions do. Scalar code emulates each bit for bit.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod dot;
#[cfg(test)]
mod emulate;
mod engine;
mod entry;
mod grid;
mod layout;
mod lowered;
mod pack;
#[cfg(target_arch = "x86_64")]
mod pack_x86;
mod packed;
mod product;
mod region;
mod round;
mod shared;
mod source;
mod store;
mod tile;
mod wide;

pub use entry::{Bf16Operand, Bf16Output, gemm_bf16, gemm_bf16_batched, gemm_bf16_with};
pub(super) use lowered::{lowered, rounded};
pub use packed::PackedBf16;

#[cfg(test)]
mod tests;
