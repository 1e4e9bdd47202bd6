//! A dY Aᵀ: the gradient of the outputs of tiles, with channels as lanes.

use super::super::element::ConvElement;
use super::super::grad_panel::Panel;
use super::grid::Block;
use crate::gemm::vector::Vector;

/// What the kernel is given: a row of tiles.
#[derive(Debug)]
pub(in super::super) struct Spread<'a, T> {
    /// Two rows of `[output][channel]`.
    panel: &'a [T],
    /// Channels in whole registers.
    pitch: usize,
    /// Point `p` of a channel of tile `t` goes to `out[p * distance + t * pitch + channel]`.
    out: &'a mut [T],
    distance: usize,
}

/// Transforms a row of tiles.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(in super::super) type SpreadTiles<T> = unsafe fn(Spread<'_, T>);

/// Writes `[point][tile][channel]`: points `distance` apart, tiles `pitch` (whole registers). `panel`
/// has room for the outputs of two rows of the block.
pub(super) fn transform<T: ConvElement>(
    grad: &[T],
    block: &Block,
    pitch: usize,
    panel: &mut [T],
    (out, distance): (&mut [T], usize),
) {
    let (rows, columns, [height, width]) = (block.rows(), block.columns(), block.outputs);
    let (kernels, plane, tiles) = (T::kernels(), height * width, block.across.len());
    let channels = grad.len() / plane;
    // Where tiles go beyond the image.
    panel.fill(T::ZERO);
    for (i, row) in rows.clone().step_by(2).enumerate() {
        let (top, bottom) = panel.split_at_mut(2 * tiles * pitch);
        for (row, half) in (row..row + 2).zip([top, bottom]) {
            if row >= rows.end {
                half.fill(T::ZERO);
                continue;
            }
            let source = &grad[row * width + columns.start..];
            let line = Panel { source, plane, channels, places: columns.len(), pitch };
            // SAFETY: `T::kernels` gives kernels of this machine's level, here and below.
            unsafe { (kernels.panel)(&line, half) }
        }
        let out = &mut out[i * tiles * pitch..];
        let row = Spread { panel, pitch, out, distance };
        // SAFETY: as above.
        unsafe { (kernels.spread)(row) }
    }
}

#[inline(always)]
pub(in super::super) unsafe fn spread<X: Vector>(row: Spread<'_, X::Elem>) {
    let Spread { panel, pitch, out, distance } = row;
    let tiles = panel.len() / (4 * pitch);
    assert!(pitch.is_multiple_of(X::LANES) && panel.len() == 4 * tiles * pitch);
    assert!(out.len() >= 15 * distance + tiles * pitch);
    for tile in 0..tiles {
        for channel in (0..pitch).step_by(X::LANES) {
            let at = |row: usize, i: usize| {
                let place = (row * 2 * tiles + 2 * tile + i) * pitch + channel;
                // SAFETY: the instructions are there by the contract of `SpreadTiles`; the same holds
                // for all blocks below, and the lengths were just checked.
                unsafe { X::load(panel.as_ptr().wrapping_add(place)) }
            };
            // SAFETY: see above.
            let left = unsafe { four(at(0, 0), at(1, 0)) };
            // SAFETY: see above.
            let right = unsafe { four(at(0, 1), at(1, 1)) };
            let to = out.as_mut_ptr().wrapping_add(tile * pitch + channel);
            for i in 0..4 {
                // SAFETY: see above.
                let points = unsafe { four(left[i], right[i]) };
                for (j, x) in points.into_iter().enumerate() {
                    // SAFETY: see above.
                    unsafe { x.store(to.wrapping_add((4 * i + j) * distance)) }
                }
            }
        }
    }
}

/// A on two registers.
#[inline(always)]
unsafe fn four<X: Vector>(a: X, b: X) -> [X; 4] {
    // SAFETY: passed on from the caller.
    let sub = |a: X, b: X| unsafe { a.sub(b) };
    // SAFETY: as above.
    let (sum, zero) = (unsafe { a.add(b) }, unsafe { X::zero() });
    [a, sum, sub(a, b), sub(zero, b)]
}
