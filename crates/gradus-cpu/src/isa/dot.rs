//! Whether the bf16 dot product of AVX-512 is worth using.

use super::{Level, level};

/// Whether kernels called from this thread may use `vdpbf16ps`.
///
/// The instruction multiplies 32 pairs of `bf16`. On AMD (Zen 4 and later) it runs as often per cycle
/// as the `f32` multiply-add and does twice the work. Intel's cores issue it half as often, so that
/// it wins nothing over `f32`, and have tiles ([`Level::Amx`]) instead. So the answer is yes on AMD
/// processors that have it, at [`Level::Avx512`].
pub fn dot_bf16() -> bool {
    level() == Level::Avx512 && processor_is_fast()
}

#[cfg(target_arch = "x86_64")]
fn processor_is_fast() -> bool {
    use std::arch::x86_64::__cpuid;
    use std::sync::OnceLock;

    static FAST: OnceLock<bool> = OnceLock::new();
    *FAST.get_or_init(|| {
        let leaf = __cpuid(0);
        let vendor = [leaf.ebx, leaf.edx, leaf.ecx].map(u32::to_le_bytes);
        vendor.as_flattened() == b"AuthenticAMD" && is_x86_feature_detected!("avx512bf16")
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn processor_is_fast() -> bool {
    false
}
