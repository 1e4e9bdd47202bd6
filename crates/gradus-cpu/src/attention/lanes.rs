//! The largest and the sum of the scores of a tile, in a fixed order.

use super::TILE;
use crate::math::Real;

const LANES: usize = 16;

/// The largest; NaN is passed over, and −∞ if nothing else is there.
#[inline(always)]
pub(super) fn largest<T: Real>(row: &[T; TILE]) -> T {
    fold(row, |a, b| if b > a { b } else { a })
}

/// Lane `l` adds elements `l`, `l + 16`, …; then a tree over the lanes. A hidden key's zero does not
/// change the sum, so it is the same for a shorter tile.
#[inline(always)]
pub(super) fn total<T: Real>(row: &[T; TILE]) -> T {
    fold(row, |a, b| a + b)
}

#[inline(always)]
fn fold<T: Real>(row: &[T; TILE], join: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::ZERO; LANES];
    lanes.copy_from_slice(&row[..LANES]);
    for part in row[LANES..].chunks_exact(LANES) {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane = join(*lane, *x);
        }
    }
    let mut n = LANES / 2;
    while n > 0 {
        for l in 0..n {
            lanes[l] = join(lanes[l], lanes[l + n]);
        }
        n /= 2;
    }
    lanes[0]
}
