//! Logarithms.

use super::horner::{madd, poly};

/// ln x, relative error below 2e-7.
///
/// ln 0 is −∞, negative numbers give NaN, ∞ stays ∞, subnormal numbers are handled.
///
/// # Reference
/// The polynomial is that of `logf` in Moshier's Cephes library.
#[inline(always)]
pub(super) fn log<const FMA: bool>(x: f32) -> f32 {
    let tiny = x < f32::MIN_POSITIVE;
    let y = if tiny { x * 8_388_608.0 } else { x };
    // y = m · 2^e with m in [√½, √2).
    let shifted = y.to_bits().wrapping_sub(0x3f35_04f3);
    let e = (shifted as i32) >> 23;
    let m = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let e = e as f32 - if tiny { 23.0 } else { 0.0 };
    let f = m - 1.0;
    let p = poly::<FMA, f32, 9>(
        f,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let z = f * f;
    let tail = madd::<FMA, _>(f * z, p, e * -2.121_944_4e-4);
    let tail = madd::<FMA, _>(z, -0.5, tail);
    let r = madd::<FMA, _>(e, 0.693_359_4, f + tail);
    let r = if x == f32::INFINITY { x } else { r };
    let r = if x == 0.0 { f32::NEG_INFINITY } else { r };
    // Also true for NaN.
    if x >= 0.0 { r } else { f32::NAN }
}

/// ln(1 + x), relative error below 3e-7, also near 0; −1 gives −∞, below it NaN, −0 stays −0.
#[inline(always)]
pub(super) fn log1p<const FMA: bool>(x: f32) -> f32 {
    let u = 1.0 + x;
    // What the rounding of u lost, to first order.
    let lost = (x - (u - 1.0)) / u;
    let lost = if x > -1.0 && x < f32::INFINITY { lost } else { 0.0 };
    let r = log::<FMA>(u) + lost;
    if x.abs() < 1e-10 { x } else { r }
}
