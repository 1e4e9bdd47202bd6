//! Sine, cosine and tangent in double precision.
//!
//! The argument is reduced by π/2 in three parts (118 bits), which is good up to [`LIMIT`]; larger
//! arguments are rare and go to the standard library.
//!
//! # Reference
//! `e_rem_pio2.c`, `k_sin.c`, `k_cos.c` of fdlibm (Sun Microsystems 1993).

/// Below this the quotient has 20 bits, and its products with parts of 33 bits are exact.
pub(super) const LIMIT: f64 = 1.0e6;

const PI_2_A: f64 = 1.570_796_326_734_125_6;
const PI_2_B: f64 = 6.077_100_506_303_966e-11;
const PI_2_C: f64 = 2.022_266_248_795_950_6e-21;
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// sin r and cos r for the remainder r of x by π/2, and the quadrant.
#[inline(always)]
fn reduced(x: f64) -> (f64, f64, u64) {
    let t = x * std::f64::consts::FRAC_2_PI + MAGIC;
    let k = t - MAGIC;
    let a = x - k * PI_2_A;
    let w = k * PI_2_B;
    let b = a - w;
    let w = k * PI_2_C - ((a - b) - w);
    let r = b - w;
    let low = (b - r) - w;
    let z = r * r;
    (sin_kernel(r, low, z), cos_kernel(r, low, z), t.to_bits())
}

#[inline(always)]
fn sin_kernel(r: f64, low: f64, z: f64) -> f64 {
    let v = z * r;
    let p = 8.333_333_333_322_49e-3
        + z * (-1.984_126_982_985_795e-4 + z * 2.755_731_370_707_006_8e-6)
        + z * (z * z) * (-2.505_076_025_340_686_3e-8 + z * 1.589_690_995_211_55e-10);
    r - ((z * (0.5 * low - v * p) - low) - v * -1.666_666_666_666_663_2e-1)
}

#[inline(always)]
fn cos_kernel(r: f64, low: f64, z: f64) -> f64 {
    let p = z
        * (4.166_666_666_666_66e-2
            + z * (-1.388_888_888_887_411e-3 + z * 2.480_158_728_947_673e-5))
        + (z * z)
            * (z * z)
            * (-2.755_731_435_139_066_3e-7
                + z * (2.087_572_321_298_175e-9 + z * -1.135_964_755_778_819_5e-11));
    let half = 0.5 * z;
    let w = 1.0 - half;
    w + (((1.0 - w) - half) + (z * p - r * low))
}

#[inline(always)]
fn negate_if(x: f64, bit: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ (bit << 63))
}

/// sin x within 1 unit in the last place; ±∞ gives NaN, −0 stays −0. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn sin(x: f64) -> f64 {
    let (sin, cos, k) = reduced(x);
    let y = negate_if(if k & 1 == 0 { sin } else { cos }, (k >> 1) & 1);
    if x == 0.0 { x } else { y }
}

/// cos x within 1 unit in the last place; ±∞ gives NaN. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn cos(x: f64) -> f64 {
    let (sin, cos, k) = reduced(x);
    negate_if(if k & 1 == 0 { cos } else { sin }, ((k >> 1) ^ k) & 1)
}

/// tan x within 3 units in the last place; ±∞ gives NaN, −0 stays −0. For |x| up to [`LIMIT`].
#[inline(always)]
pub(super) fn tan(x: f64) -> f64 {
    let (sin, cos, k) = reduced(x);
    let y = if k & 1 == 0 { sin / cos } else { -cos / sin };
    if x == 0.0 { x } else { y }
}
