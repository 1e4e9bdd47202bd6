//! The bf16 instructions in scalar code: the oracle of the engines, and AMX for machines without.

use super::super::Beta;
use super::layout::{PANEL_STEP, STEP, WIDTH};
use super::round::{flush, widen};
use super::tile::Tile;

/// `x · y + sum` as the bf16 instructions do it: fused, subnormals are zero before and after.
pub(super) fn fused(x: u16, y: u16, sum: f32) -> f32 {
    flush(flush(widen(x)).mul_add(flush(widen(y)), flush(sum)))
}

/// A lane of `vdpbf16ps`: the odd product first.
pub(super) fn dot(sum: f32, a: [u16; 2], b: [u16; 2]) -> f32 {
    fused(a[0], b[0], fused(a[1], b[1], sum))
}

/// An element of `tdpbf16ps` on full tiles: 32 values of k.
pub(super) fn tile(sum: f32, a: &[u16; STEP], b: &[u16; STEP]) -> f32 {
    let mut chains = [0.0; 2];
    for k in 0..STEP {
        chains[k % 2] = fused(a[k], b[k], chains[k % 2]);
    }
    flush(flush(sum) + flush(chains[0] + chains[1]))
}

/// [`amx::run`](super::amx::run) without the instructions.
///
/// # Safety
/// - That of [`Micro`](super::tile::Micro), with `rows` equal to `height`, 16 or 32.
pub(super) unsafe fn amx_tile(t: &Tile) {
    assert!(t.rows == t.height && (t.rows == 16 || t.rows == 32));
    for i in 0..t.rows {
        for j in 0..WIDTH {
            // SAFETY: 32 columns of all rows of C are valid.
            let mut sum = if t.beta == Beta::One { unsafe { t.c.at(i, j).read() } } else { 0.0 };
            for step in 0..t.k.div_ceil(STEP) {
                let a = t.a.wrapping_add(step * t.height * STEP + i * STEP);
                let b = t.b.wrapping_add(step * PANEL_STEP + 2 * j);
                // SAFETY: row `i` of the step is 32 neighbours.
                let a = std::array::from_fn(|k| unsafe { a.wrapping_add(k).read() });
                let b = std::array::from_fn(|k| {
                    // SAFETY: column `j` of the step is 16 pairs, a panel's width apart.
                    unsafe { b.wrapping_add(k / 2 * (2 * WIDTH) + k % 2).read() }
                });
                sum = tile(sum, &a, &b);
            }
            // SAFETY: as for the reading.
            unsafe { t.c.at(i, j).write(sum) }
        }
    }
}
