//! The types a product can be computed in.

use bytemuck::Pod;

use super::epilogue::Epilogue;
use super::micro::{self, Kernels};
use super::operand::Operand;
use super::view::Target;
use super::{Beta, Dims, PackedBf16, bf16};
use crate::isa;

/// A type with matrix kernels: `f32` and `f64`.
#[expect(private_bounds, reason = "sealed: the kernel tables are private")]
pub trait GemmElement: Pod + Send + Sync + Table {}

impl GemmElement for f32 {}
impl GemmElement for f64 {}

pub(super) trait Table: Sized {
    /// The kernels of this thread's level.
    fn kernels() -> &'static Kernels<Self>;

    /// `b` as [`lowered`](Self::lowered) products read it, if those of this thread are lowered.
    fn rounded(_b: &impl Operand<Self>, _k: usize, _n: usize) -> Option<PackedBf16> {
        None
    }

    /// Computes a batch in less precision if [`MatmulPrecision`](super::MatmulPrecision) allows it
    /// and it is faster here; says whether it did.
    ///
    /// # Safety
    /// - `c` gives the results of the batch: valid, and no two overlap.
    unsafe fn lowered<A: Operand<Self>, B: Operand<Self>, E: Epilogue<Self>>(
        _dims: Dims,
        _batch: usize,
        _operands: impl Fn(usize) -> (A, B) + Sync,
        _c: impl Fn(usize) -> Target<Self> + Sync,
        _beta: Beta,
        _epilogue: impl Fn(usize) -> E + Sync,
    ) -> bool {
        false
    }
}

impl Table for f32 {
    fn rounded(b: &impl Operand<Self>, k: usize, n: usize) -> Option<PackedBf16> {
        bf16::rounded(b, k, n)
    }

    unsafe fn lowered<A: Operand<Self>, B: Operand<Self>, E: Epilogue<Self>>(
        dims: Dims,
        batch: usize,
        operands: impl Fn(usize) -> (A, B) + Sync,
        c: impl Fn(usize) -> Target<Self> + Sync,
        beta: Beta,
        epilogue: impl Fn(usize) -> E + Sync,
    ) -> bool {
        // SAFETY: passed on from the caller.
        unsafe { bf16::lowered(dims, batch, operands, c, beta, epilogue) }
    }

    fn kernels() -> &'static Kernels<Self> {
        match isa::level() {
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx512 | isa::Level::Amx => &micro::AVX512_F32,
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx2 => &micro::AVX2_F32,
            _ => &micro::GENERIC_F32,
        }
    }
}

impl Table for f64 {
    fn kernels() -> &'static Kernels<Self> {
        match isa::level() {
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx512 | isa::Level::Amx => &micro::AVX512_F64,
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx2 => &micro::AVX2_F64,
            _ => &micro::GENERIC_F64,
        }
    }
}
