//! Bᵀ d B: the places that tiles read, transformed.

use super::super::axis::Axis;
use super::super::element::ConvElement;
use super::super::lines::Lines;
use super::LANES;
use super::grid::{Block, Grid};
use crate::gemm::vector::Vector;

/// The transform of a block of tiles.
pub(super) struct Places<'a> {
    pub(super) axes: [&'a Axis; 2],
    pub(super) grid: &'a Grid,
    pub(super) block: &'a Block,
}

/// What the kernel is given: the lines of a channel.
#[derive(Debug)]
pub(in super::super) struct Lift<'a, T> {
    /// Lines of places, two more than twice the rows of tiles; more than twice the width and two
    /// registers can be read from each.
    lines: &'a [T],
    /// Distance of lines.
    line: usize,
    /// Tiles across in whole registers.
    width: usize,
    /// Rows and columns of tiles.
    tiles: [usize; 2],
    /// Room for four lines of `width` tiles per line.
    sums: &'a mut [T],
    /// Point `p` of tile `t` goes to `out[p * distance + t]`. There is room for a register beyond
    /// the last tile.
    out: &'a mut [T],
    distance: usize,
}

/// Transforms the lines of a channel.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(in super::super) type LiftLines<T> = unsafe fn(Lift<'_, T>);

impl Places<'_> {
    /// Elements of working memory.
    pub(super) fn room(grid: &Grid) -> usize {
        (2 * grid.rows() + 2) * (Self::line(grid) + 4 * grid.width())
    }

    fn line(grid: &Grid) -> usize {
        2 * grid.width() + 2 * LANES
    }

    /// Writes `[point][channel][tile]` for the first `channels` planes of `source`: points `distance`
    /// apart, channels [`Grid::pitch`]. More of `source` lets more of it be read in place.
    pub(super) fn transform<T: ConvElement>(
        &self,
        (source, channels): (&[T], usize),
        room: &mut [T],
        (out, distance): (&mut [T], usize),
    ) {
        let Self { axes: [down, across], grid, block } = *self;
        let tiles = [block.down.len(), block.across.len()];
        let plane = down.source * across.source;
        let (line, kernels) = (Self::line(grid), T::kernels());
        let rows = down.inside(0, 2 * block.down.start, 2 * tiles[0] + 2);
        let columns = across.inside(0, 2 * block.across.start, line);
        let (lines, sums) = room.split_at_mut((2 * tiles[0] + 2) * line);
        let inside = rows.lead * line..(rows.lead + rows.len) * line;
        let bare = columns.lead == 0 && columns.len >= block.columns().len() + 2;
        let bare = bare && rows.len >= block.rows().len() + 2;
        lines[..inside.start].fill(T::ZERO);
        lines[inside.end..].fill(T::ZERO);
        let count = 2 * tiles[0] + 2;
        for channel in 0..channels {
            let first = channel * plane + rows.start * across.source + columns.start;
            let from = source.get(first..).unwrap_or_default();
            let lift = |lines: &[T], line: usize, sums: &mut [T], out: &mut [T]| {
                let lift = Lift { lines, line, width: grid.width(), tiles, sums, out, distance };
                // SAFETY: `T::kernels` gives kernels of this machine's level, here and below.
                unsafe { (kernels.lift)(lift) }
            };
            let out = &mut out[channel * grid.pitch()..];
            if bare && from.len() >= (count - 1) * across.source + line {
                lift(from, across.source, sums, out);
                continue;
            }
            let copy = Lines {
                source: from,
                source_pitch: across.source,
                step: 1,
                lead: columns.lead,
                len: columns.len,
                pitch: line,
            };
            // SAFETY: as above.
            unsafe { (kernels.lines)(&copy, &mut lines[inside.clone()]) }
            lift(lines, line, sums, out);
        }
    }
}

#[inline(always)]
pub(in super::super) unsafe fn lift<X: Vector>(lift: Lift<'_, X::Elem>) {
    let Lift { lines, line, width, tiles: [down, across], sums, out, distance } = lift;
    let count = 2 * down + 2;
    assert!(width.is_multiple_of(X::LANES) && width >= across);
    assert!(lines.len() >= (count - 1) * line + 2 * width + 2 * X::LANES);
    assert!(sums.len() >= count * 4 * width);
    assert!(down * across > 0 && out.len() >= 15 * distance + down * across - 1 + X::LANES);
    for i in 0..count {
        for tile in (0..across).step_by(X::LANES) {
            let from = lines.as_ptr().wrapping_add(i * line + 2 * tile);
            let to = sums.as_mut_ptr().wrapping_add(i * 4 * width + tile);
            // SAFETY: the instructions are there by the contract of `LiftLines`; the line has two
            // registers and two places more from here on, and its sums a register.
            unsafe { along::<X>(from, to, width) }
        }
    }
    for row in 0..down {
        for tile in (0..across).step_by(X::LANES) {
            for j in 0..4 {
                let from = sums.as_ptr().wrapping_add((2 * row * 4 + j) * width + tile);
                let to = out.as_mut_ptr().wrapping_add(j * distance + row * across + tile);
                // SAFETY: as above; the next three lines have sums too, and what a register
                // writes beyond a row is in the next one or in the room after the last.
                unsafe { upright::<X>(from, 4 * width, to, 4 * distance) }
            }
        }
    }
}

/// d B for a register of tiles of a line: four registers, `distance` apart.
#[inline(always)]
unsafe fn along<X: Vector>(d: *const X::Elem, to: *mut X::Elem, distance: usize) {
    // SAFETY: passed on from the caller; the same holds for all blocks below.
    let at = |i: usize| unsafe { X::load(d.wrapping_add(i)) };
    // SAFETY: see above.
    let [even, odd] = unsafe { at(0).deinterleave(at(X::LANES)) };
    // SAFETY: see above.
    let [even2, odd2] = unsafe { at(2).deinterleave(at(2 + X::LANES)) };
    // SAFETY: see above.
    let sub = |a: X, b: X| unsafe { a.sub(b) };
    // SAFETY: see above.
    let sum = unsafe { odd.add(even2) };
    let points = [sub(even, even2), sum, sub(even2, odd), sub(odd, odd2)];
    for (j, x) in points.into_iter().enumerate() {
        // SAFETY: see above.
        unsafe { x.store(to.wrapping_add(j * distance)) }
    }
}

/// Bᵀ for a register of tiles: from four registers to four.
#[inline(always)]
unsafe fn upright<X: Vector>(d: *const X::Elem, pitch: usize, to: *mut X::Elem, distance: usize) {
    // SAFETY: passed on from the caller; the same holds for all blocks below.
    let line = |i: usize| unsafe { X::load(d.wrapping_add(i * pitch)) };
    let (a, b, c, e) = (line(0), line(1), line(2), line(3));
    // SAFETY: see above.
    let sub = |a: X, b: X| unsafe { a.sub(b) };
    // SAFETY: see above.
    let sum = unsafe { b.add(c) };
    let points = [sub(a, c), sum, sub(c, b), sub(b, e)];
    for (i, x) in points.into_iter().enumerate() {
        // SAFETY: see above.
        unsafe { x.store(to.wrapping_add(i * distance)) }
    }
}
