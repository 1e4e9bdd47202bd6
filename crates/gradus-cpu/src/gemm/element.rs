//! The types a product can be computed in.

use bytemuck::Pod;

use super::micro::{self, Kernels};
use crate::isa;

/// A type with matrix kernels: `f32` and `f64`.
#[expect(private_bounds, reason = "sealed: the kernel tables are private")]
pub trait GemmElement: Pod + Send + Sync + Table {}

impl GemmElement for f32 {}
impl GemmElement for f64 {}

pub(super) trait Table: Sized {
    /// The kernels of this thread's level.
    fn kernels() -> &'static Kernels<Self>;
}

impl Table for f32 {
    fn kernels() -> &'static Kernels<Self> {
        match isa::level() {
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx512 => &micro::AVX512_F32,
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
            isa::Level::Avx512 => &micro::AVX512_F64,
            #[cfg(target_arch = "x86_64")]
            isa::Level::Avx2 => &micro::AVX2_F64,
            _ => &micro::GENERIC_F64,
        }
    }
}
