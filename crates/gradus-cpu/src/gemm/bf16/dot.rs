//! The microkernel on `vdpbf16ps`.
//!
//! **K order**: one chain over all of k, from zero or from the old C. For each pair of k the odd
//! product is added, then the even one, both fused; subnormal operands and sums count as zero.

use std::arch::x86_64 as x;

use super::super::Beta;
use super::layout::{PANEL_STEP, STEP, WIDTH};
use super::tile::{Micro, Tile};

/// Kernels for 1 to 12 rows: 24 sums, two registers of B and one of A.
pub(super) static ROWS: [Micro; 12] = [
    run::<1>, run::<2>, run::<3>, run::<4>, run::<5>, run::<6>, run::<7>, run::<8>, run::<9>,
    run::<10>, run::<11>, run::<12>,
];

#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn run<const R: usize>(t: &Tile) {
    let mut sums = [[x::_mm512_setzero_ps(); 2]; R];
    if t.beta == Beta::One {
        for (i, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                // SAFETY: 32 columns of every row are valid.
                *sum = unsafe { x::_mm512_loadu_ps(t.c.at(i, 16 * v)) };
            }
        }
    }
    let (mut a, mut b, mut left) = (t.a, t.b, t.k.div_ceil(2));
    while left > 0 {
        let pairs = left.min(STEP / 2);
        for p in 0..pairs {
            // SAFETY: pair `p` of this step is valid.
            unsafe { pair(a.wrapping_add(2 * p), b.wrapping_add(2 * WIDTH * p), &mut sums) }
        }
        a = a.wrapping_add(t.height * STEP);
        b = b.wrapping_add(PANEL_STEP);
        left -= pairs;
    }
    for (i, sums) in sums.into_iter().enumerate() {
        if let Some(halves) = t.halves {
            let row = x::_mm512_cvtne2ps_pbh(sums[1], sums[0]);
            // SAFETY: 32 columns of every row are valid; the type is plain data.
            unsafe { halves.at(i, 0).cast::<x::__m512bh>().write_unaligned(row) }
            continue;
        }
        for (v, sum) in sums.into_iter().enumerate() {
            // SAFETY: 32 columns of every row are valid.
            unsafe { x::_mm512_storeu_ps(t.c.at(i, 16 * v), sum) }
        }
    }
}

/// One pair of k.
///
/// # Safety
/// - Rows of A, 64 bytes apart, have a pair at `a`; 32 columns of B have theirs at `b`.
#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn pair<const R: usize>(a: *const u16, b: *const u16, sums: &mut [[x::__m512; 2]; R]) {
    let columns: [x::__m512bh; 2] = std::array::from_fn(|v| {
        // SAFETY: the panel has 32 columns; the type is plain data.
        unsafe { b.wrapping_add(WIDTH * v).cast::<x::__m512bh>().read_unaligned() }
    });
    for (i, sums) in sums.iter_mut().enumerate() {
        // SAFETY: row `i` has a pair here.
        let word = unsafe { a.wrapping_add(STEP * i).cast::<i32>().read_unaligned() };
        let word = x::_mm512_set1_epi32(word);
        // SAFETY: both are 512 bits of plain data.
        let word = unsafe { std::mem::transmute::<x::__m512i, x::__m512bh>(word) };
        for (sum, column) in sums.iter_mut().zip(columns) {
            *sum = x::_mm512_dpbf16_ps(*sum, word, column);
        }
    }
}
