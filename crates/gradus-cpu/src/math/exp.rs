//! The exponential and what is made of it: `expm1`, `sigmoid`, `tanh`.

use super::horner::{madd, poly};

/// 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits.
const MAGIC: f32 = 12_582_912.0;
/// ln 2 in two parts; the first has so few bits that `k * LN2_HI` is exact.
const LN2_HI: f32 = 0.693_145_75;
const LN2_LO: f32 = 1.428_606_8e-6;

/// e^r for |r| up to ln 2 / 2.
const EXP: [f32; 7] =
    [1.378_059_4e-3, 8.373_125e-3, 4.166_953_6e-2, 1.666_647_2e-1, 0.499_999_85, 1.0, 1.0];

/// e^x, relative error below 9e-8.
///
/// Overflow gives infinity; results below the smallest normal number are exactly 0, so that
/// `exp(-inf)` is 0 in a masked softmax; NaN stays NaN.
#[inline(always)]
pub(super) fn exp<const FMA: bool>(x: f32) -> f32 {
    const LOW: f32 = -87.336_54; // ln(f32::MIN_POSITIVE)
    const HIGH: f32 = 88.722_83; // ln(f32::MAX)
    let y = if x < LOW { LOW } else { x };
    let y = if y > HIGH { HIGH } else { y };
    let t = madd::<FMA, _>(y, std::f32::consts::LOG2_E, MAGIC);
    let k = t - MAGIC;
    let r = madd::<FMA, _>(k, -LN2_HI, y);
    let r = madd::<FMA, _>(k, -LN2_LO, r);
    let p = poly::<FMA, f32, 7>(r, EXP);
    let e = f32::from_bits(p.to_bits().wrapping_add(t.to_bits() << 23)); // p * 2^k
    let e = if x < LOW { 0.0 } else { e };
    let e = if x > HIGH { f32::INFINITY } else { e };
    if x.is_nan() { x } else { e }
}

/// e^x as [`exp`], but ∞ already from 88.38 on, and subnormal or 0 below −87.3: cheaper, for
/// arguments that are never positive and for quotients 1 / (1 + e^x).
#[inline(always)]
pub(super) fn exp_open<const FMA: bool>(x: f32) -> f32 {
    // Exponent field 0 is the number 0, and 255 is ∞: the ends need no choice of their own.
    let y = if x < -88.0 { -88.0 } else { x };
    let y = if y > 88.8 { 88.8 } else { y };
    exp_inside::<FMA>(y)
}

/// e^x for |x| up to 87, and NaN for NaN.
#[inline(always)]
pub(super) fn exp_inside<const FMA: bool>(x: f32) -> f32 {
    /// The biased exponent of 2^k stands in the low bits.
    const BIASED: f32 = MAGIC + 127.0;
    let t = madd::<FMA, _>(x, std::f32::consts::LOG2_E, BIASED);
    let k = t - BIASED;
    let r = madd::<FMA, _>(k, -LN2_HI, x);
    let r = madd::<FMA, _>(k, -LN2_LO, r);
    let p = poly::<FMA, f32, 7>(r, EXP);
    p * f32::from_bits(t.to_bits() << 23)
}

/// e^x − 1, relative error below 2.5e-7, also near 0.
///
/// Overflow gives infinity, −∞ gives −1, NaN stays NaN, −0 stays −0.
#[inline(always)]
pub(super) fn expm1<const FMA: bool>(x: f32) -> f32 {
    const HIGH: f32 = 88.722_83;
    let y = if x < -18.0 { -18.0 } else { x };
    let y = if y > HIGH { HIGH } else { y };
    let t = madd::<FMA, _>(y, std::f32::consts::LOG2_E, MAGIC);
    let k = t - MAGIC;
    let r = madd::<FMA, _>(k, -LN2_HI, y);
    let r = madd::<FMA, _>(k, -LN2_LO, r);
    // e^r − 1 = r + r² q(r), the Taylor series up to r⁸/8!.
    let q = poly::<FMA, f32, 7>(
        r,
        [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5],
    );
    let p = madd::<FMA, _>(r * r, q, r);
    // 2^k (p + 1) − 1 with half the power, since 2^128 is beyond the range. For k = 0 it is p.
    let half = f32::from_bits((t.to_bits() << 23).wrapping_add(126 << 23)); // 2^(k-1)
    let e = 2.0 * madd::<FMA, _>(half, p, half - 0.5);
    let e = if x > HIGH { f32::INFINITY } else { e };
    let e = if x.abs() < 1e-10 { x } else { e };
    if x.is_nan() { x } else { e }
}

/// 1 / (1 + e^−x), relative error below 3e-7 where it is above 1e-37, below that
/// an absolute one of 2e-38.
#[inline(always)]
pub(super) fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp_open::<FMA>(-x))
}

/// tanh x, relative error below 5e-7; ±∞ gives ±1, −0 stays −0.
#[inline(always)]
pub(super) fn tanh<const FMA: bool>(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > 12.0 { 12.0 } else { a };
    let t = expm1::<FMA>(2.0 * a);
    (t / (t + 2.0)).copysign(x)
}
