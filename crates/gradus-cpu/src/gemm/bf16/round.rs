//! `f32` to `bf16`.

use half::bf16;

use super::super::view::Target;
use super::layout::Part;

/// The bits of the nearest `bf16`, ties to even. NaN stays NaN, large values become infinite.
#[inline(always)]
pub(super) fn nearest(x: f32) -> u16 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    // Rounding could carry a NaN into infinity or zero: cut it and set its quiet bit.
    let nan = bits & 0x7fff_ffff > 0x7f80_0000;
    (if nan { bits >> 16 | 0x40 } else { rounded }) as u16
}

/// Rounds `rows × cols` sums.
///
/// # Safety
/// - The sums and the outputs are valid, and the outputs are reached by nobody else.
pub(super) unsafe fn plain(from: Target<f32>, to: Target<bf16>, (rows, cols): (usize, usize)) {
    for i in 0..rows {
        for j in 0..cols {
            // SAFETY: `(i, j)` is one of the sums.
            let sum = unsafe { from.at(i, j).read() };
            // SAFETY: `(i, j)` is one of the outputs.
            unsafe { to.at(i, j).write(bf16::from_bits(nearest(sum))) }
        }
    }
}

/// The value of `bf16` bits.
#[inline(always)]
pub(super) fn widen(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// A zero of the same sign in place of a subnormal, as the `bf16` instructions see their operands.
#[inline(always)]
pub(super) fn flush(x: f32) -> f32 {
    if x.to_bits() & 0x7f80_0000 == 0 { f32::from_bits(x.to_bits() & 0x8000_0000) } else { x }
}

/// The bits of a part of `x`. Subnormal `x` counts as zero.
///
/// - NaN and infinities are wholly in the high part; their low part is zero, not `Inf - Inf`.
/// - A high part that would round up to infinity is cut instead: the low part holds the rest.
#[inline(always)]
pub(super) fn part(x: f32, part: Part) -> u16 {
    let x = flush(x);
    let high = high(x);
    match part {
        Part::Whole => nearest(x),
        Part::High => nearest(high),
        Part::Low => nearest(flush(if x.is_finite() { x - high } else { 0.0 })),
    }
}

/// The first of two planes, as an `f32`.
#[inline(always)]
fn high(x: f32) -> f32 {
    let rounded = widen(nearest(x));
    let overflow = x.is_finite() && !rounded.is_finite();
    if overflow { f32::from_bits(x.to_bits() & 0xffff_0000) } else { rounded }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nearest_is_that_of_the_half_crate(bits in any::<u32>()) {
            let x = f32::from_bits(bits);
            prop_assert_eq!(nearest(x), bf16::from_f32(x).to_bits());
        }

        #[test]
        fn two_parts_keep_sixteen_bits(x in -1e30f32..1e30) {
            let sum = widen(part(x, Part::High)) + widen(part(x, Part::Low));
            prop_assert!((sum - x).abs() <= x.abs() / 65536.0 + 1e-37, "{} became {}", x, sum);
        }
    }

    #[test]
    fn what_is_not_finite_has_no_low_part() {
        for x in [f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(widen(part(x, Part::High)), x);
            assert_eq!(part(x, Part::Low), 0);
        }
        assert!(widen(part(f32::NAN, Part::High)).is_nan());
        assert!(widen(part(f32::from_bits(0x7f80_0001), Part::Whole)).is_nan());
        assert_eq!(part(f32::NAN, Part::Low), 0);
    }

    #[test]
    fn the_largest_value_stays_finite_in_two_parts() {
        let parts = [Part::High, Part::Low].map(|p| f64::from(widen(part(f32::MAX, p))));
        assert!(parts.iter().all(|p| p.is_finite()));
        let rest = f64::from(f32::MAX) - parts[0] - parts[1];
        assert!(rest.abs() < f64::from(f32::MAX) / 65536.0);
        assert_eq!(widen(part(f32::MAX, Part::Whole)), f32::INFINITY);
    }
}
