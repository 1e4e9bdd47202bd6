//! The level that kernels use, and how to lower it.

use std::cell::Cell;
use std::sync::OnceLock;

use super::cap;

/// A set of instructions, each including the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the target always has; products are rounded before they are added.
    Generic,
    /// AVX2 and fused multiply-add.
    Avx2,
    /// AVX-512 F, BW, VL and DQ, and everything of [`Level::Avx2`].
    Avx512,
    /// AMX tiles of bf16, AVX-512 BF16, and everything of [`Level::Avx512`].
    Amx,
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
    const ALL: [Level; 4] = [Level::Generic, Level::Avx2, Level::Avx512, Level::Amx];
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
    *LEVEL.get_or_init(|| detect().min(cap::from_environment()))
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq");
    match (avx2, avx512) {
        // The cap comes first: a process that may not use tiles does not ask for them.
        (true, true) if cap::from_environment() >= Level::Amx && super::amx::available() => {
            Level::Amx
        }
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Generic,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Generic
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
