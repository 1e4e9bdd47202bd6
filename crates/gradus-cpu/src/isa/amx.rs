//! Whether this process may use AMX tiles of bf16.
//!
//! The compiler's own detection of AMX is unstable, so the processor is asked directly.

use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count};

/// The processor has the instructions, the system saves their state, and it lets us use them.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512bf16") && processor() && system_saves() && permitted()
}

/// Leaf 7: bit 22 is the bf16 product, 24 the tiles, 25 the int8 product (which every such
/// processor has; a virtual machine that hides part of the set is not trusted with the rest).
fn processor() -> bool {
    if __cpuid(0).eax < 7 {
        return false;
    }
    let edx = __cpuid_count(7, 0).edx;
    [22, 24, 25].into_iter().all(|bit| edx >> bit & 1 == 1)
}

/// Bits 17 and 18 of XCR0: tile configuration and tile data are saved on a context switch.
fn system_saves() -> bool {
    const OSXSAVE: u32 = 1 << 27;
    if __cpuid(1).ecx & OSXSAVE == 0 {
        return false;
    }
    let low: u32;
    // SAFETY: with OSXSAVE the instruction exists and register 0 may be read.
    unsafe { asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack)) };
    low >> 17 & 3 == 3
}

/// Linux gives tiles to a process that asks, once for all of its threads. It refuses when a thread's
/// alternative signal stack is too small for the tiles.
#[cfg(target_os = "linux")]
fn permitted() -> bool {
    const SYS_ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: u64 = 0x1023;
    const XFEATURE_XTILEDATA: u64 = 18;
    let result: i64;
    // SAFETY: a system call with two numbers; it writes no memory of ours, and the registers that
    // it changes are listed.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") SYS_ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    result == 0
}

/// Where tiles are given out otherwise, they are left alone.
#[cfg(not(target_os = "linux"))]
fn permitted() -> bool {
    false
}
