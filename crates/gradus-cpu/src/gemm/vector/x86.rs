//! AVX2 and AVX-512 registers.

use std::arch::x86_64 as x;

use super::{Pairs, Vector};

#[derive(Clone, Copy)]
pub(crate) struct F32x16(pub(crate) x::__m512);
#[derive(Clone, Copy)]
pub(crate) struct F64x8(x::__m512d);
#[derive(Clone, Copy)]
pub(crate) struct F32x8(pub(crate) x::__m256);
#[derive(Clone, Copy)]
pub(crate) struct F64x4(x::__m256d);

/// Stamps the one-to-one part of a register type: `#[op]` is one intrinsic each.
macro_rules! register {
    ($name:ident, $elem:ty, $lanes:literal, $mask:ty, mask: $mask_fn:ident,
     transpose: $transpose:ident, halves: $halves:ident,
     weave: $interleave:ident $deinterleave:ident,
     $zero:ident $splat:ident $load:ident $load_masked:ident, $store:ident $store_masked:ident
     $add:ident $sub:ident $fma:ident) => {
        impl Vector for $name {
            type Elem = $elem;
            type Mask = $mask;
            const LANES: usize = $lanes;
            #[inline(always)]
            unsafe fn mask(n: usize) -> $mask {
                // SAFETY: the instructions are there by the trait's contract.
                unsafe { $mask_fn(n) }
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: as in `mask`.
                Self(unsafe { x::$zero() })
            }
            #[inline(always)]
            unsafe fn splat(value: $elem) -> Self {
                // SAFETY: as in `mask`.
                Self(unsafe { x::$splat(value) })
            }
            #[inline(always)]
            unsafe fn load(p: *const $elem) -> Self {
                // SAFETY: all lanes are valid by the trait's contract.
                Self(unsafe { x::$load(p) })
            }
            #[inline(always)]
            unsafe fn load_masked(p: *const $elem, mask: $mask) -> Self {
                // SAFETY: the lanes of the mask are valid, the others are not touched.
                Self(unsafe { $load_masked(p, mask) })
            }
            #[inline(always)]
            unsafe fn load_halves(low: *const $elem, high: *const $elem) -> Self {
                // SAFETY: both halves are valid by the trait's contract.
                Self(unsafe { $halves(low, high) })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $elem) {
                // SAFETY: all lanes are valid by the trait's contract.
                unsafe { x::$store(p, self.0) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, p: *mut $elem, mask: $mask) {
                // SAFETY: the lanes of the mask are valid, the others are not touched.
                unsafe { x::$store_masked(p, mask, self.0) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: as in `mask`.
                Self(unsafe { x::$add(self.0, other.0) })
            }
            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                // SAFETY: as in `mask`.
                Self(unsafe { x::$sub(self.0, other.0) })
            }
            #[inline(always)]
            unsafe fn interleave(self, other: Self) -> [Self; 2] {
                // SAFETY: as in `mask`.
                let [low, high] = unsafe { $interleave(self.0, other.0) };
                [Self(low), Self(high)]
            }
            #[inline(always)]
            unsafe fn deinterleave(self, other: Self) -> [Self; 2] {
                // SAFETY: as in `mask`.
                let [even, odd] = unsafe { $deinterleave(self.0, other.0) };
                [Self(even), Self(odd)]
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: as in `mask`.
                Self(unsafe { x::$fma(self.0, b.0, c.0) })
            }
            #[inline(always)]
            unsafe fn prefetch(p: *const $elem) {
                // SAFETY: a hint, which faults at no address.
                unsafe { x::_mm_prefetch::<{ x::_MM_HINT_T1 }>(p.cast()) }
            }
            type Square = [Self; $lanes];
            #[inline(always)]
            unsafe fn columns(
                src: *const $elem,
                stride: usize,
                rows: usize,
                cols: usize,
            ) -> [Self; $lanes] {
                let row = |i: usize| src.wrapping_byte_add(i * stride);
                let lines = if rows == $lanes && cols == $lanes {
                    // SAFETY: the block is valid by the trait's contract.
                    std::array::from_fn(|i| unsafe { x::$load(row(i)) })
                } else {
                    // SAFETY: as in `mask`.
                    let mask = unsafe { $mask_fn(cols) };
                    std::array::from_fn(|i| {
                        if i < rows {
                            // SAFETY: the lanes of the mask are in the block.
                            unsafe { $load_masked(row(i), mask) }
                        } else {
                            // SAFETY: as in `mask`.
                            unsafe { x::$zero() }
                        }
                    })
                };
                // SAFETY: as in `mask`.
                let columns = unsafe { $transpose(lines) };
                // `map` on an array of registers is a call through memory; this is not.
                std::array::from_fn(|j| Self(columns[j]))
            }
        }
    };
}

register!(F32x16, f32, 16, x::__mmask16,
    mask: mask16, transpose: transpose16, halves: halves16,
    weave: interleave16 deinterleave16,
    _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps
    load16, _mm512_storeu_ps _mm512_mask_storeu_ps
    _mm512_add_ps _mm512_sub_ps _mm512_fmadd_ps);
register!(F64x8, f64, 8, x::__mmask8,
    mask: mask8d, transpose: transpose8d, halves: halves8d,
    weave: interleave8d deinterleave8d,
    _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd
    load8d, _mm512_storeu_pd _mm512_mask_storeu_pd
    _mm512_add_pd _mm512_sub_pd _mm512_fmadd_pd);
register!(F32x8, f32, 8, x::__m256i, mask: mask8, transpose: transpose8, halves: halves8,
    weave: interleave8 deinterleave8,
    _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps
    load8, _mm256_storeu_ps _mm256_maskstore_ps
    _mm256_add_ps _mm256_sub_ps _mm256_fmadd_ps);
register!(F64x4, f64, 4, x::__m256i, mask: mask4, transpose: transpose4d, halves: halves4d,
    weave: interleave4d deinterleave4d,
    _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd
    load4d, _mm256_storeu_pd _mm256_maskstore_pd
    _mm256_add_pd _mm256_sub_pd _mm256_fmadd_pd);

impl Pairs for F32x16 {
    #[inline(always)]
    unsafe fn widen(self) -> [Self; 2] {
        // SAFETY: the instructions are there by the trait's contract.
        let [even, odd] = unsafe { widen16(self.0) };
        [Self(even), Self(odd)]
    }
}

impl Pairs for F32x8 {
    #[inline(always)]
    unsafe fn widen(self) -> [Self; 2] {
        // SAFETY: the instructions are there by the trait's contract.
        let [even, odd] = unsafe { widen8(self.0) };
        [Self(even), Self(odd)]
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn widen16(pairs: x::__m512) -> [x::__m512; 2] {
    let bits = x::_mm512_castps_si512(pairs);
    let odd = x::_mm512_and_si512(bits, x::_mm512_set1_epi32(-0x1_0000));
    let even = x::_mm512_slli_epi32::<16>(bits);
    [x::_mm512_castsi512_ps(even), x::_mm512_castsi512_ps(odd)]
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn widen8(pairs: x::__m256) -> [x::__m256; 2] {
    let bits = x::_mm256_castps_si256(pairs);
    let odd = x::_mm256_and_si256(bits, x::_mm256_set1_epi32(-0x1_0000));
    let even = x::_mm256_slli_epi32::<16>(bits);
    [x::_mm256_castsi256_ps(even), x::_mm256_castsi256_ps(odd)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn mask16(n: usize) -> x::__mmask16 {
    ((1u32 << n.min(16)) - 1) as x::__mmask16
}

#[inline]
#[target_feature(enable = "avx512f")]
fn mask8d(n: usize) -> x::__mmask8 {
    ((1u32 << n.min(8)) - 1) as x::__mmask8
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn halves16(low: *const f32, high: *const f32) -> x::__m512 {
    // SAFETY: both halves are valid by the contract of `Vector::load_halves`.
    let low = unsafe { x::_mm256_loadu_ps(low) };
    // SAFETY: as above.
    let high = unsafe { x::_mm256_loadu_ps(high) };
    x::_mm512_insertf32x8::<1>(x::_mm512_castps256_ps512(low), high)
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn halves8d(low: *const f64, high: *const f64) -> x::__m512d {
    // SAFETY: both halves are valid by the contract of `Vector::load_halves`.
    let low = unsafe { x::_mm256_loadu_pd(low) };
    // SAFETY: as above.
    let high = unsafe { x::_mm256_loadu_pd(high) };
    x::_mm512_insertf64x4::<1>(x::_mm512_castpd256_pd512(low), high)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn halves8(low: *const f32, high: *const f32) -> x::__m256 {
    // SAFETY: both halves are valid by the contract of `Vector::load_halves`.
    let low = unsafe { x::_mm_loadu_ps(low) };
    // SAFETY: as above.
    let high = unsafe { x::_mm_loadu_ps(high) };
    x::_mm256_insertf128_ps::<1>(x::_mm256_castps128_ps256(low), high)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn halves4d(low: *const f64, high: *const f64) -> x::__m256d {
    // SAFETY: both halves are valid by the contract of `Vector::load_halves`.
    let low = unsafe { x::_mm_loadu_pd(low) };
    // SAFETY: as above.
    let high = unsafe { x::_mm_loadu_pd(high) };
    x::_mm256_insertf128_pd::<1>(x::_mm256_castpd128_pd256(low), high)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave16(a: x::__m512, b: x::__m512) -> [x::__m512; 2] {
    let low = x::_mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let high = x::_mm512_add_epi32(low, x::_mm512_set1_epi32(8));
    [x::_mm512_permutex2var_ps(a, low, b), x::_mm512_permutex2var_ps(a, high, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn deinterleave16(a: x::__m512, b: x::__m512) -> [x::__m512; 2] {
    let even = x::_mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = x::_mm512_add_epi32(even, x::_mm512_set1_epi32(1));
    [x::_mm512_permutex2var_ps(a, even, b), x::_mm512_permutex2var_ps(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave8d(a: x::__m512d, b: x::__m512d) -> [x::__m512d; 2] {
    let low = x::_mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    let high = x::_mm512_add_epi64(low, x::_mm512_set1_epi64(4));
    [x::_mm512_permutex2var_pd(a, low, b), x::_mm512_permutex2var_pd(a, high, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn deinterleave8d(a: x::__m512d, b: x::__m512d) -> [x::__m512d; 2] {
    let even = x::_mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    let odd = x::_mm512_add_epi64(even, x::_mm512_set1_epi64(1));
    [x::_mm512_permutex2var_pd(a, even, b), x::_mm512_permutex2var_pd(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn interleave8(a: x::__m256, b: x::__m256) -> [x::__m256; 2] {
    let (low, high) = (x::_mm256_unpacklo_ps(a, b), x::_mm256_unpackhi_ps(a, b));
    let first = x::_mm256_permute2f128_ps::<0x20>(low, high);
    [first, x::_mm256_permute2f128_ps::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn deinterleave8(a: x::__m256, b: x::__m256) -> [x::__m256; 2] {
    // Within halves first, then pairs across them.
    let even = x::_mm256_castps_pd(x::_mm256_shuffle_ps::<0x88>(a, b));
    let odd = x::_mm256_castps_pd(x::_mm256_shuffle_ps::<0xdd>(a, b));
    let even = x::_mm256_castpd_ps(x::_mm256_permute4x64_pd::<0xd8>(even));
    [even, x::_mm256_castpd_ps(x::_mm256_permute4x64_pd::<0xd8>(odd))]
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn interleave4d(a: x::__m256d, b: x::__m256d) -> [x::__m256d; 2] {
    let (low, high) = (x::_mm256_unpacklo_pd(a, b), x::_mm256_unpackhi_pd(a, b));
    let first = x::_mm256_permute2f128_pd::<0x20>(low, high);
    [first, x::_mm256_permute2f128_pd::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn deinterleave4d(a: x::__m256d, b: x::__m256d) -> [x::__m256d; 2] {
    let (even, odd) = (x::_mm256_unpacklo_pd(a, b), x::_mm256_unpackhi_pd(a, b));
    [x::_mm256_permute4x64_pd::<0xd8>(even), x::_mm256_permute4x64_pd::<0xd8>(odd)]
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load16(p: *const f32, m: x::__mmask16) -> x::__m512 {
    // SAFETY: the lanes of the mask are valid by the contract of `Vector::load_masked`.
    unsafe { x::_mm512_maskz_loadu_ps(m, p) }
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load8d(p: *const f64, m: x::__mmask8) -> x::__m512d {
    // SAFETY: the lanes of the mask are valid by the contract of `Vector::load_masked`.
    unsafe { x::_mm512_maskz_loadu_pd(m, p) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn load8(p: *const f32, m: x::__m256i) -> x::__m256 {
    // SAFETY: the lanes of the mask are valid by the contract of `Vector::load_masked`.
    unsafe { x::_mm256_maskload_ps(p, m) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn load4d(p: *const f64, m: x::__m256i) -> x::__m256d {
    // SAFETY: the lanes of the mask are valid by the contract of `Vector::load_masked`.
    unsafe { x::_mm256_maskload_pd(p, m) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn mask8(n: usize) -> x::__m256i {
    let lane = x::_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    x::_mm256_cmpgt_epi32(x::_mm256_set1_epi32(n.min(8) as i32), lane)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn mask4(n: usize) -> x::__m256i {
    let lane = x::_mm256_setr_epi64x(0, 1, 2, 3);
    x::_mm256_cmpgt_epi64(x::_mm256_set1_epi64x(n.min(4) as i64), lane)
}

/// Interleaves pairs of rows, then pairs of pairs, then exchanges 128-bit quarters twice.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose16(r: [x::__m512; 16]) -> [x::__m512; 16] {
    let pairs: [x::__m512; 16] = std::array::from_fn(|i| {
        let (a, b) = (r[i & !1], r[i | 1]);
        if i & 1 == 0 { x::_mm512_unpacklo_ps(a, b) } else { x::_mm512_unpackhi_ps(a, b) }
    });
    // Register `4g + c` of the next step holds column `c` of each quarter, for rows 4g .. 4g + 4.
    let fours: [x::__m512; 16] = std::array::from_fn(|i| {
        let (g, c) = (i & !3, i & 3);
        let (a, b) = (pairs[g + (c >> 1)], pairs[g + 2 + (c >> 1)]);
        let (a, b) = (x::_mm512_castps_pd(a), x::_mm512_castps_pd(b));
        x::_mm512_castpd_ps(if c & 1 == 0 {
            x::_mm512_unpacklo_pd(a, b)
        } else {
            x::_mm512_unpackhi_pd(a, b)
        })
    });
    quarters16(fours)
}

/// The 4×4 transpose of 128-bit quarters among registers `c, 4 + c, 8 + c, 12 + c`.
#[inline]
#[target_feature(enable = "avx512f")]
fn quarters16(f: [x::__m512; 16]) -> [x::__m512; 16] {
    let mut out = f;
    for c in 0..4 {
        let (a, b, d, e) = (f[c], f[4 + c], f[8 + c], f[12 + c]);
        let ab02 = x::_mm512_shuffle_f32x4::<0x88>(a, b);
        let ab13 = x::_mm512_shuffle_f32x4::<0xdd>(a, b);
        let de02 = x::_mm512_shuffle_f32x4::<0x88>(d, e);
        let de13 = x::_mm512_shuffle_f32x4::<0xdd>(d, e);
        out[c] = x::_mm512_shuffle_f32x4::<0x88>(ab02, de02);
        out[4 + c] = x::_mm512_shuffle_f32x4::<0x88>(ab13, de13);
        out[8 + c] = x::_mm512_shuffle_f32x4::<0xdd>(ab02, de02);
        out[12 + c] = x::_mm512_shuffle_f32x4::<0xdd>(ab13, de13);
    }
    out
}

#[inline]
#[target_feature(enable = "avx512f")]
fn transpose8d(r: [x::__m512d; 8]) -> [x::__m512d; 8] {
    let pairs: [x::__m512d; 8] = std::array::from_fn(|i| {
        let (a, b) = (r[i & !1], r[i | 1]);
        if i & 1 == 0 { x::_mm512_unpacklo_pd(a, b) } else { x::_mm512_unpackhi_pd(a, b) }
    });
    let mut out = pairs;
    for c in 0..2 {
        let (a, b, d, e) = (pairs[c], pairs[2 + c], pairs[4 + c], pairs[6 + c]);
        let ab02 = x::_mm512_shuffle_f64x2::<0x88>(a, b);
        let ab13 = x::_mm512_shuffle_f64x2::<0xdd>(a, b);
        let de02 = x::_mm512_shuffle_f64x2::<0x88>(d, e);
        let de13 = x::_mm512_shuffle_f64x2::<0xdd>(d, e);
        out[c] = x::_mm512_shuffle_f64x2::<0x88>(ab02, de02);
        out[2 + c] = x::_mm512_shuffle_f64x2::<0x88>(ab13, de13);
        out[4 + c] = x::_mm512_shuffle_f64x2::<0xdd>(ab02, de02);
        out[6 + c] = x::_mm512_shuffle_f64x2::<0xdd>(ab13, de13);
    }
    out
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose8(r: [x::__m256; 8]) -> [x::__m256; 8] {
    let pairs: [x::__m256; 8] = std::array::from_fn(|i| {
        let (a, b) = (r[i & !1], r[i | 1]);
        if i & 1 == 0 { x::_mm256_unpacklo_ps(a, b) } else { x::_mm256_unpackhi_ps(a, b) }
    });
    let fours: [x::__m256; 8] = std::array::from_fn(|i| {
        let (g, c) = (i & !3, i & 3);
        let (a, b) = (pairs[g + (c >> 1)], pairs[g + 2 + (c >> 1)]);
        let (a, b) = (x::_mm256_castps_pd(a), x::_mm256_castps_pd(b));
        x::_mm256_castpd_ps(if c & 1 == 0 {
            x::_mm256_unpacklo_pd(a, b)
        } else {
            x::_mm256_unpackhi_pd(a, b)
        })
    });
    std::array::from_fn(|i| {
        let (a, b) = (fours[i & 3], fours[4 + (i & 3)]);
        if i < 4 {
            x::_mm256_permute2f128_ps::<0x20>(a, b)
        } else {
            x::_mm256_permute2f128_ps::<0x31>(a, b)
        }
    })
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose4d(r: [x::__m256d; 4]) -> [x::__m256d; 4] {
    let lo = [x::_mm256_unpacklo_pd(r[0], r[1]), x::_mm256_unpackhi_pd(r[0], r[1])];
    let hi = [x::_mm256_unpacklo_pd(r[2], r[3]), x::_mm256_unpackhi_pd(r[2], r[3])];
    [
        x::_mm256_permute2f128_pd::<0x20>(lo[0], hi[0]),
        x::_mm256_permute2f128_pd::<0x20>(lo[1], hi[1]),
        x::_mm256_permute2f128_pd::<0x31>(lo[0], hi[0]),
        x::_mm256_permute2f128_pd::<0x31>(lo[1], hi[1]),
    ]
}
