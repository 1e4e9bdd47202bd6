//! Logarithms in double precision.

use super::horner::poly;

const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
/// The upper half of √½ as bits, and what takes it to the bits of 1.
const ROOT: u64 = 0x3fe6_a09e << 32;
const TO_ONE: u64 = (0x3ff0_0000 << 32) - ROOT;
/// The bits of 2⁵²: an integer below 2⁵² added to them is that many units above 2⁵².
const BASE: u64 = 0x4330 << 48;

/// ln x within 1 unit in the last place.
///
/// ln 0 is −∞, negative numbers give NaN, ∞ stays ∞, subnormal numbers are handled.
///
/// # Reference
/// `e_log.c` of fdlibm (Sun Microsystems 1993).
#[inline(always)]
pub(super) fn log<const FMA: bool>(x: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let y = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    // y = m · 2^e with m in [√½, √2). The exponent becomes a float without a conversion, which
    // AVX2 does not have for 64 bits.
    let shifted = y.to_bits().wrapping_add(TO_ONE);
    let m = f64::from_bits((shifted & ((1 << 52) - 1)).wrapping_add(ROOT));
    let bias =
        if tiny { 4_503_599_627_370_496.0 + 1077.0 } else { 4_503_599_627_370_496.0 + 1023.0 };
    let e = f64::from_bits(BASE | (shifted >> 52)) - bias;
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * poly::<FMA, f64, 7>(
        z,
        [
            1.479_819_860_511_658_6e-1,
            1.531_383_769_920_937_3e-1,
            1.818_357_216_161_805e-1,
            2.222_219_843_214_978_4e-1,
            2.857_142_874_366_239e-1,
            3.999_999_999_940_942e-1,
            6.666_666_666_666_735e-1,
        ],
    );
    let half = 0.5 * f * f;
    let r = e * LN2_HI - ((half - (s * (half + r) + e * LN2_LO)) - f);
    let r = if x == f64::INFINITY { x } else { r };
    let r = if x == 0.0 { f64::NEG_INFINITY } else { r };
    // Also true for NaN.
    if x >= 0.0 { r } else { f64::NAN }
}

/// ln(1 + x) within 2 units in the last place, also near 0; −1 gives −∞, below it NaN, −0 stays −0.
#[inline(always)]
pub(super) fn log1p<const FMA: bool>(x: f64) -> f64 {
    let u = 1.0 + x;
    // What the rounding of u lost, to first order; exact in either order of magnitude.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) } / u;
    let lost = if x > -1.0 && x < f64::INFINITY { lost } else { 0.0 };
    let r = log::<FMA>(u) + lost;
    if x.abs() < 1e-20 { x } else { r }
}
