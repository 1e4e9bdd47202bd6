//! Powers.

use super::exp64::exp;
use super::log64::log;

/// x^y as in C's `pow`, within 0.51 units in the last place: worked out in double precision.
#[inline(always)]
pub(super) fn pow<const FMA: bool>(x: f32, y: f32) -> f32 {
    let (a, b) = (f64::from(x).abs(), f64::from(y));
    let e = exp::<FMA>(b * log::<FMA>(a)) as f32;
    // 1 to the power of anything, also ∞ and NaN, and anything to the power of 0.
    let e = if a == 1.0 || y == 0.0 { 1.0 } else { e };
    let whole = y == y.floor();
    let half = 0.5 * y;
    let odd = whole && half != half.floor();
    // The sign bit, so that −0 counts.
    let negative = x.to_bits() >> 31 == 1;
    let root_of_negative = x < 0.0 && x > f32::NEG_INFINITY && !whole;
    let e = if root_of_negative { f32::NAN } else { e };
    let e = if negative && odd { -e } else { e };
    let nan = (x.is_nan() && y != 0.0) || (y.is_nan() && x != 1.0);
    if nan { f32::NAN } else { e }
}
