//! Which instructions the kernels may use.
//!
//! The machine is asked once. `GRADUS_ISA=generic|avx2|avx512|amx` lowers the level (`amx` counts as
//! `avx512` until that kernel exists), and [`with_level`] lowers it for one closure, which is how
//! the tests run every kernel at every level.

use std::cell::Cell;
use std::sync::OnceLock;

/// A set of instructions, each including the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the target always has; products are rounded before they are added.
    Generic,
    /// AVX2 and fused multiply-add.
    Avx2,
    /// AVX-512 F, BW, VL and DQ, and everything of [`Level::Avx2`].
    Avx512,
}

thread_local! {
    static OVERRIDE: Cell<Option<Level>> = const { Cell::new(None) };
}

/// The level that kernels called from this thread use.
#[inline]
pub fn level() -> Level {
    OVERRIDE.get().unwrap_or_else(process_level)
}

/// Every level that kernels may use here, lowest first.
///
/// # Examples
/// ```
/// use gradus_cpu::isa;
/// assert_eq!(isa::available()[0], isa::Level::Generic);
/// ```
pub fn available() -> &'static [Level] {
    const ALL: [Level; 3] = [Level::Generic, Level::Avx2, Level::Avx512];
    &ALL[..=process_level() as usize]
}

/// Runs `f` with kernels at `level`, or at the machine's level if that is lower.
///
/// # Examples
/// ```
/// use gradus_cpu::isa::{self, Level};
/// assert_eq!(isa::with_level(Level::Generic, isa::level), Level::Generic);
/// ```
pub fn with_level<R>(level: Level, f: impl FnOnce() -> R) -> R {
    let _restore = Restore(OVERRIDE.replace(Some(level.min(process_level()))));
    f()
}

/// Puts the old override back, also when the closure panics.
struct Restore(Option<Level>);

impl Drop for Restore {
    fn drop(&mut self) {
        OVERRIDE.set(self.0);
    }
}

fn process_level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let cap = match std::env::var("GRADUS_ISA").as_deref() {
            Ok("generic") => Level::Generic,
            Ok("avx2") => Level::Avx2,
            _ => Level::Avx512,
        };
        detect().min(cap)
    })
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Generic,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Generic
}

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
        Level::Avx512 => unsafe { avx512(kernel) },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_override_ends_with_the_closure_even_after_a_panic() {
        let before = level();
        let caught =
            std::panic::catch_unwind(|| with_level(Level::Generic, || panic!("on purpose")));
        assert!(caught.is_err());
        assert_eq!(level(), before);
    }
}
