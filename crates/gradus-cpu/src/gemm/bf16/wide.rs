//! The microkernel for every level without fast bf16 products: widens and multiplies as `f32`.
//!
//! **K order**: that of the `f32` product, so the bits are those of widening both operands first.
//! The [driver](super::driver) gives it blocks of [`KC`](super::super::KC) values of k.

use super::super::Beta;
use super::super::vector::{Lanes, Vector};
use super::layout::{PANEL_STEP, STEP, WIDTH};
use super::tile::{Micro, Tile};

/// A register that can be filled with the halves of neighbouring words.
///
/// # Safety
/// As for [`Vector`].
trait Widen: Vector<Elem = f32> {
    /// The low and the high halves of `LANES` words, as `f32`.
    unsafe fn halves(p: *const u32) -> (Self, Self);
}

impl Widen for Lanes<f32, 4> {
    #[inline(always)]
    unsafe fn halves(p: *const u32) -> (Self, Self) {
        // SAFETY: four words are valid by the trait's contract.
        let words = unsafe { p.cast::<[u32; 4]>().read_unaligned() };
        let high = words.map(|w| f32::from_bits(w & 0xffff_0000));
        (Lanes(words.map(|w| f32::from_bits(w << 16))), Lanes(high))
    }
}

#[inline(always)]
unsafe fn tile<X: Widen, const R: usize, const V: usize>(t: &Tile) {
    for j in (0..WIDTH).step_by(V * X::LANES) {
        // SAFETY: passed on from the caller; the columns are inside the panel.
        unsafe { columns::<X, R, V>(t, j) }
    }
}

/// `V` registers of columns from `j` on.
#[inline(always)]
unsafe fn columns<X: Widen, const R: usize, const V: usize>(t: &Tile, j: usize) {
    // SAFETY: instructions are there by the contract of `Micro`; the same holds for all blocks
    // below, and their addresses are elements of the tile.
    let mut sums = [[unsafe { X::zero() }; V]; R];
    let (mut a, mut b, mut left) = (t.a, t.b.wrapping_add(2 * j), t.k);
    while left > 0 {
        let ks = left.min(STEP);
        for p in 0..ks / 2 {
            let (a, b) = (a.wrapping_add(2 * p), b.wrapping_add(2 * WIDTH * p));
            // SAFETY: see above.
            unsafe { pair::<X, R, V, true>(a, b, &mut sums) }
        }
        if ks % 2 == 1 {
            let (a, b) = (a.wrapping_add(ks - 1), b.wrapping_add(WIDTH * (ks - 1)));
            // SAFETY: see above.
            unsafe { pair::<X, R, V, false>(a, b, &mut sums) }
        }
        a = a.wrapping_add(t.height * STEP);
        b = b.wrapping_add(PANEL_STEP);
        left -= ks;
    }
    for (i, sums) in sums.into_iter().enumerate() {
        for (v, sum) in sums.into_iter().enumerate() {
            let c = t.c.at(i, j + v * X::LANES);
            // SAFETY: see above.
            let old = if t.beta == Beta::One { Some(unsafe { X::load(c) }) } else { None };
            let sum = match old {
                // SAFETY: see above.
                Some(old) => unsafe { old.add(sum) },
                None => sum,
            };
            // SAFETY: see above.
            unsafe { sum.store(c) }
        }
    }
}

/// One pair of k, or the first of it only: adding `0 · 0` would turn −0 into 0.
#[inline(always)]
unsafe fn pair<X: Widen, const R: usize, const V: usize, const BOTH: bool>(
    a: *const u16,
    b: *const u16,
    sums: &mut [[X; V]; R],
) {
    // SAFETY: as in `columns`, whose tile this is a part of; the same holds for the blocks below.
    let zero = unsafe { X::zero() };
    let mut words = [(zero, zero); V];
    for (v, word) in words.iter_mut().enumerate() {
        // SAFETY: see above.
        *word = unsafe { X::halves(b.wrapping_add(2 * X::LANES * v).cast()) };
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        // SAFETY: see above.
        let word = unsafe { a.wrapping_add(STEP * i).cast::<u32>().read_unaligned() };
        // SAFETY: see above.
        let even = unsafe { X::splat(f32::from_bits(word << 16)) };
        // SAFETY: see above.
        let odd = unsafe { X::splat(f32::from_bits(word & 0xffff_0000)) };
        for (sum, (low, high)) in sums.iter_mut().zip(words) {
            // SAFETY: see above.
            *sum = unsafe { even.mul_add(low, *sum) };
            if BOTH {
                // SAFETY: see above.
                *sum = unsafe { odd.mul_add(high, *sum) };
            }
        }
    }
}

/// Stamps the kernels of a level, by rows.
macro_rules! kernels {
    ($name:ident, $count:literal, $vector:ty, $v:literal, $(#[$feature:meta])? [$($r:literal)*]) => {
        pub(in crate::gemm::bf16) static $name: [Micro; $count] = {
            $(#[$feature])?
            unsafe fn run<const R: usize>(t: &Tile) {
                // SAFETY: passed on from the caller.
                unsafe { tile::<$vector, R, $v>(t) }
            }
            [$(run::<$r>),*]
        };
    };
}

kernels!(GENERIC, 4, Lanes<f32, 4>, 2, [1 2 3 4]);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64 as x;

    use super::super::super::vector::{F32x8, F32x16};
    use super::{Micro, Tile, Widen, tile};

    impl Widen for F32x16 {
        #[inline(always)]
        unsafe fn halves(p: *const u32) -> (Self, Self) {
            // SAFETY: sixteen words are valid by the trait's contract.
            let words = unsafe { x::_mm512_loadu_si512(p.cast()) };
            // SAFETY: the instructions are there by the trait's contract.
            let low = unsafe { x::_mm512_slli_epi32::<16>(words) };
            // SAFETY: as above.
            let mask = unsafe { x::_mm512_set1_epi32(0xffff_0000u32 as i32) };
            // SAFETY: as above.
            let high = unsafe { x::_mm512_and_si512(words, mask) };
            // SAFETY: as above.
            let cast = |bits| unsafe { x::_mm512_castsi512_ps(bits) };
            (Self(cast(low)), Self(cast(high)))
        }
    }

    impl Widen for F32x8 {
        #[inline(always)]
        unsafe fn halves(p: *const u32) -> (Self, Self) {
            // SAFETY: eight words are valid by the trait's contract.
            let words = unsafe { x::_mm256_loadu_si256(p.cast()) };
            // SAFETY: the instructions are there by the trait's contract.
            let low = unsafe { x::_mm256_slli_epi32::<16>(words) };
            // SAFETY: as above.
            let mask = unsafe { x::_mm256_set1_epi32(0xffff_0000u32 as i32) };
            // SAFETY: as above.
            let high = unsafe { x::_mm256_and_si256(words, mask) };
            // SAFETY: as above.
            let cast = |bits| unsafe { x::_mm256_castsi256_ps(bits) };
            (Self(cast(low)), Self(cast(high)))
        }
    }

    kernels!(AVX2, 6, F32x8, 2, #[target_feature(enable = "avx2,fma")] [1 2 3 4 5 6]);
    kernels!(AVX512, 12, F32x16, 2,
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        [1 2 3 4 5 6 7 8 9 10 11 12]);
}
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{AVX2, AVX512};
