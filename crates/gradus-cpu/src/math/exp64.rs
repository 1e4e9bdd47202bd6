//! The exponential in double precision, and what is made of it.

use super::horner::{madd, poly};

/// 1.5 · 2⁵²: adding it rounds to an integer, which then stands in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; the first has 33 bits, so that `k * LN2_HI` is exact.
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
/// ln [`f64::MIN_POSITIVE`] and ln [`f64::MAX`].
const LOW: f64 = -708.396_418_532_264_1;
const HIGH: f64 = 709.782_712_893_384;

/// Σ rⁿ / (n + 2)!, so that e^r = 1 + r + r² q(r); |r| is at most ln 2 / 2.
const TAIL: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// k with its integer in the low bits, and e^r − 1, where x = k ln 2 + r.
#[inline(always)]
fn reduced<const FMA: bool>(x: f64) -> (f64, f64) {
    let t = madd::<FMA, _>(x, std::f64::consts::LOG2_E, MAGIC);
    let k = t - MAGIC;
    let r = madd::<FMA, _>(k, -LN2_HI, x);
    let r = madd::<FMA, _>(k, -LN2_LO, r);
    (t, madd::<FMA, _>(r * r, poly::<FMA, f64, 12>(r, TAIL), r))
}

/// e^x within 1 unit in the last place.
///
/// Overflow gives infinity; results below the smallest normal number are exactly 0; NaN stays NaN.
#[inline(always)]
pub(super) fn exp<const FMA: bool>(x: f64) -> f64 {
    let y = if x < LOW { LOW } else { x };
    let y = if y > HIGH { HIGH } else { y };
    let (t, p) = reduced::<FMA>(y);
    let e = f64::from_bits((1.0 + p).to_bits().wrapping_add(t.to_bits() << 52)); // (1 + p) · 2^k
    let e = if x < LOW { 0.0 } else { e };
    let e = if x > HIGH { f64::INFINITY } else { e };
    if x.is_nan() { x } else { e }
}

/// e^x − 1 within 2 units in the last place, also near 0.
///
/// Overflow gives infinity, −∞ gives −1, NaN stays NaN, −0 stays −0.
#[inline(always)]
pub(super) fn expm1<const FMA: bool>(x: f64) -> f64 {
    let y = if x < -40.0 { -40.0 } else { x };
    let y = if y > HIGH { HIGH } else { y };
    let (t, p) = reduced::<FMA>(y);
    // 2^k (p + 1) − 1 with half the power, since 2^1024 is beyond the range. For k = 0 it is p.
    let half = f64::from_bits((t.to_bits() << 52).wrapping_add(1022 << 52)); // 2^(k-1)
    let e = 2.0 * madd::<FMA, _>(half, p, half - 0.5);
    let e = if x > HIGH { f64::INFINITY } else { e };
    let e = if x.abs() < 1e-20 { x } else { e };
    if x.is_nan() { x } else { e }
}

/// 1 / (1 + e^−x) within 4 units in the last place; 0 where it would be below 1e-307.
#[inline(always)]
pub(super) fn sigmoid<const FMA: bool>(x: f64) -> f64 {
    1.0 / (1.0 + exp::<FMA>(-x))
}

/// tanh x within 4 units in the last place; ±∞ gives ±1, −0 stays −0.
#[inline(always)]
pub(super) fn tanh<const FMA: bool>(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > 24.0 { 24.0 } else { a };
    let t = expm1::<FMA>(2.0 * a);
    (t / (t + 2.0)).copysign(x)
}
