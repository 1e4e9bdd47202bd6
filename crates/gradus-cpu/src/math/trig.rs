//! Sine, cosine and tangent.
//!
//! The argument is reduced in f64, which makes the result correct to about half a unit in the last
//! place of f32 and keeps the loop free of branches. The reduction is good up to [`LIMIT`]; the
//! elementwise loops send larger arguments, which are rare, to the standard library.

/// Beyond this, `k * PI_2_HI` would not be exact.
pub(super) const LIMIT: f32 = 1.0e6;

/// π/2 in two parts; the first has 33 bits (as in fdlibm).
const PI_2_HI: f64 = 1.570_796_326_734_125_6;
const PI_2_LO: f64 = 6.077_100_506_506_192e-11;
/// 1.5 · 2⁵²: adding it rounds to an integer, which then stands in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// sin r and cos r for the remainder r of x by π/2, and the quadrant.
#[inline(always)]
fn reduced(x: f32) -> (f64, f64, u64) {
    let x = f64::from(x);
    let t = x * std::f64::consts::FRAC_2_PI + MAGIC;
    let k = t - MAGIC;
    let r = (x - k * PI_2_HI) - k * PI_2_LO;
    let z = r * r;
    let sin = r + r
        * z
        * (-1.0 / 6.0
            + z * (1.0 / 120.0
                + z * (-1.0 / 5_040.0 + z * (1.0 / 362_880.0 - z * (1.0 / 39_916_800.0)))));
    let cos = 1.0
        + z * (-0.5
            + z * (1.0 / 24.0
                + z * (-1.0 / 720.0 + z * (1.0 / 40_320.0 - z * (1.0 / 3_628_800.0)))));
    (sin, cos, t.to_bits())
}

#[inline(always)]
fn negate_if(x: f64, bit: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ (bit << 63))
}

/// sin x, relative error below 6.1e-8; ±∞ gives NaN, −0 stays −0. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn sin(x: f32) -> f32 {
    let (sin, cos, k) = reduced(x);
    let y = if k & 1 == 0 { sin } else { cos };
    let y = negate_if(y, (k >> 1) & 1) as f32;
    if x == 0.0 { x } else { y }
}

/// cos x, relative error below 6.1e-8; ±∞ gives NaN. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn cos(x: f32) -> f32 {
    let (sin, cos, k) = reduced(x);
    let y = if k & 1 == 0 { cos } else { sin };
    negate_if(y, ((k >> 1) ^ k) & 1) as f32
}

/// tan x, relative error below 6.1e-8; ±∞ gives NaN, −0 stays −0. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn tan(x: f32) -> f32 {
    let (sin, cos, k) = reduced(x);
    let y = if k & 1 == 0 { sin / cos } else { -cos / sin };
    if x == 0.0 { x } else { y as f32 }
}
