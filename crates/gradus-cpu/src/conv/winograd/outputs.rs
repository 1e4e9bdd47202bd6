//! Aᵀ M A: the outputs of tiles.

use super::super::element::ConvElement;
use super::LANES;
use super::grid::{Block, Grid};
use crate::gemm::vector::Vector;
use crate::pool::SharedMut;

/// Writes the outputs of a block.
pub(super) struct Outputs<'a, 'o, T> {
    pub(super) grid: &'a Grid,
    pub(super) block: &'a Block,
    /// `[point][channel][tile]`: points `distance` apart, channels [`Grid::pitch`].
    pub(super) sums: &'a [T],
    pub(super) distance: usize,
    pub(super) channels: usize,
    /// One number per channel.
    pub(super) bias: Option<&'a [T]>,
    pub(super) out: &'a SharedMut<'o, T>,
    /// The first output of the image for the first of the channels.
    pub(super) start: usize,
}

/// What the kernel is given: a row of tiles of a channel.
#[derive(Debug)]
pub(in super::super) struct Land<'a, T> {
    /// Point `p` of tile `t` is `sums[p * distance + t]`; there is a register beyond the last tile.
    sums: &'a [T],
    distance: usize,
    /// Two lines of outputs, in whole registers of tiles.
    lines: [&'a mut [T]; 2],
}

/// What the second kernel is given: a line of outputs of a channel.
#[derive(Debug)]
pub(in super::super) struct Emit<'a, T> {
    line: &'a [T],
    /// How many there are.
    len: usize,
    bias: T,
    /// At least `len` elements; whole registers are written where they fit.
    out: &'a mut [T],
    /// To which the differences of the outputs from themselves are added.
    odd: &'a mut [T; LANES],
}

/// Transforms a row of tiles.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(in super::super) type LandTiles<T> = unsafe fn(Land<'_, T>);

/// Writes a line of outputs.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(in super::super) type EmitLine<T> = unsafe fn(Emit<'_, T>);

impl<T: ConvElement> Outputs<'_, '_, T> {
    /// Writes all; says whether they are finite. `lines` are at least `4 * Grid::width()` elements.
    pub(super) fn write(&self, lines: &mut [T]) -> bool {
        let (rows, columns) = (self.block.rows(), self.block.columns());
        let [height, width] = self.block.outputs;
        let (kernels, distance) = (T::kernels(), self.distance);
        let (top, bottom) = lines[..4 * self.grid.width()].split_at_mut(2 * self.grid.width());
        let mut odd = [T::ZERO; LANES];
        for channel in 0..self.channels {
            let plane = self.start + channel * height * width;
            for (i, row) in rows.clone().step_by(2).enumerate() {
                let at = channel * self.grid.pitch() + i * self.block.across.len();
                let lines = [&mut *top, &mut *bottom];
                let land = Land { sums: &self.sums[at..], distance, lines };
                // SAFETY: `T::kernels` gives kernels of this machine's level, here and below.
                unsafe { (kernels.land)(land) }
                for (line, row) in [&*top, &*bottom].into_iter().zip(row..rows.end) {
                    let at = plane + row * width + columns.start;
                    // A block as wide as the image may write beyond a line: the next ones come
                    // later.
                    let whole = columns.len() == width;
                    let end = if whole { plane + rows.end * width } else { at + columns.len() };
                    // SAFETY: the rows and columns of a block belong to one task.
                    let out = unsafe { self.out.range(at, end - at) };
                    let bias = self.bias.map_or(T::ZERO, |bias| bias[channel]);
                    let emit = Emit { line, len: columns.len(), bias, out, odd: &mut odd };
                    // SAFETY: as above.
                    unsafe { (kernels.emit)(emit) }
                }
            }
        }
        odd.iter().all(|x| *x == T::ZERO)
    }
}

#[inline(always)]
pub(in super::super) unsafe fn land<X: Vector>(land: Land<'_, X::Elem>) {
    let Land { sums, distance, lines: [top, bottom] } = land;
    let width = top.len() / 2;
    assert!(width.is_multiple_of(X::LANES) && bottom.len() == 2 * width);
    assert!(sums.len() >= 15 * distance + width);
    // SAFETY: the instructions are there by the contract of `LandTiles`; the same holds for all blocks
    // below, and the lengths were just checked.
    let zero = unsafe { X::zero() };
    for tile in (0..width).step_by(X::LANES) {
        // Loops over arrays of registers, since `map` is a call through memory.
        let (mut upper, mut lower) = ([zero; 4], [zero; 4]);
        for (j, (upper, lower)) in upper.iter_mut().zip(&mut lower).enumerate() {
            let mut point = [zero; 4];
            for (i, point) in point.iter_mut().enumerate() {
                let from = sums.as_ptr().wrapping_add((4 * i + j) * distance + tile);
                // SAFETY: see above.
                *point = unsafe { X::load(from) };
            }
            // SAFETY: see above.
            [*upper, *lower] = unsafe { half(point) };
        }
        for (points, line) in [(upper, &mut *top), (lower, &mut *bottom)] {
            // SAFETY: see above.
            let [left, right] = unsafe { half(points) };
            // SAFETY: see above.
            let [low, high] = unsafe { left.interleave(right) };
            let to = line.as_mut_ptr().wrapping_add(2 * tile);
            // SAFETY: see above.
            unsafe { low.store(to) }
            // SAFETY: see above.
            unsafe { high.store(to.wrapping_add(X::LANES)) }
        }
    }
}

/// Aᵀ on four registers.
#[inline(always)]
unsafe fn half<X: Vector>([a, b, c, d]: [X; 4]) -> [X; 2] {
    // SAFETY: passed on from the caller.
    let add = |a: X, b: X| unsafe { a.add(b) };
    // SAFETY: as above.
    let sub = |a: X, b: X| unsafe { a.sub(b) };
    [add(add(a, b), c), sub(sub(b, c), d)]
}

#[inline(always)]
pub(in super::super) unsafe fn emit<X: Vector>(emit: Emit<'_, X::Elem>) {
    let Emit { line, len, bias, out, odd } = emit;
    assert!(line.len() >= len.next_multiple_of(X::LANES) && out.len() >= len);
    // SAFETY: the instructions are there by the contract of `EmitLine`; the same holds for all
    // blocks below, and the lengths were just checked.
    let (bias, mut sum) = (unsafe { X::splat(bias) }, unsafe { X::load(odd.as_ptr()) });
    for at in (0..len).step_by(X::LANES) {
        // SAFETY: see above.
        let mask = unsafe { X::mask(len - at) };
        // SAFETY: see above.
        let x = unsafe { X::load_masked(line.as_ptr().wrapping_add(at), mask) };
        // SAFETY: see above.
        let x = unsafe { x.add(bias) };
        // SAFETY: see above.
        let difference = unsafe { x.sub(x) };
        // SAFETY: see above.
        sum = unsafe { sum.add(difference) };
        let to = out.as_mut_ptr().wrapping_add(at);
        if at + X::LANES <= out.len() {
            // SAFETY: see above.
            unsafe { x.store(to) }
        } else {
            // SAFETY: see above.
            unsafe { x.store_masked(to, mask) }
        }
    }
    // SAFETY: see above.
    unsafe { sum.store(odd.as_mut_ptr()) }
}
