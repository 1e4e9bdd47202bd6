//! One loop, compiled for every level.

use super::{Level, level};

/// A loop that is compiled once per level. `run` must be `#[inline(always)]`, and so must all that
/// it calls, else the code keeps the baseline instructions.
///
/// `FMA` says whether `mul_add` is one instruction; without it, it is a slow library call.
pub(crate) trait Kernel {
    /// What the loop returns.
    type Output;
    /// The loop.
    fn run<const FMA: bool>(self) -> Self::Output;
}

/// Runs the version of `kernel` for this thread's [`level`].
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `level` never exceeds what `detect` found on this machine.
        Level::Avx512 | Level::Amx => unsafe { avx512(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { avx2(kernel) },
        _ => kernel.run::<false>(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}
