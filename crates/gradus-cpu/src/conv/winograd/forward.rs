//! The forward pass and the gradient of the input.
//!
//! ```text
//! transform the weights
//! for image and group, block of tiles, part of the output channels, on any thread:
//!     transform the places
//!     for some output channels: 16 products; outputs
//! ```

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::axis::Axis;
use super::super::correlate::{Correlation, directly};
use super::super::element::ConvElement;
use super::grid::{Block, Grid};
use super::outputs::Outputs;
use super::places::Places;
use super::weights::Spread;
use super::{POINTS, suits};
use crate::gemm::{Beta, Dims, Matrix, gemm_alone};
use crate::isa;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Output channels whose sums are held at once, at most.
const CHANNELS: usize = 32;

struct Plan<'a, T> {
    correlation: &'a Correlation<'a, T>,
    grid: Grid,
    /// `[group][point][c_out][c_in]`.
    weights: &'a [T],
    /// Output channels whose sums are held at once.
    channels: usize,
}

/// Computes the outputs of `correlation` if it is of the kind; says whether it did.
pub(in super::super) fn correlate<T: ConvElement>(
    correlation: &Correlation<'_, T>,
    out: &SharedMut<'_, T>,
) -> bool {
    let c = correlation;
    if !suits(c.axes, c.c_in, c.c_out) {
        return false;
    }
    let grid = Grid::new(c.axes.map(|axis| axis.outputs));
    let infinite: Vec<_> = (0..c.tasks).map(|_| AtomicBool::new(false)).collect();
    scratch::with(c.groups * POINTS * c.c_in * c.c_out, |weights: &mut [T]| {
        transform(c, weights);
        let channels = c.c_out.div_ceil(c.c_out.div_ceil(CHANNELS));
        let plan = Plan { correlation, grid, weights, channels };
        let (items, tiles) = (c.tasks * grid.len(), c.c_out.div_ceil(channels));
        let ns = (POINTS * grid.pitch() * c.c_in * c.c_out) as f64 / 50.0;
        // Few blocks are cut by channels too, each part transforming the places for itself.
        let wanted = if pool::grain(items, ns) == items { 1 } else { 4 * pool::threads() };
        let per_part = tiles.div_ceil(wanted.div_ceil(items).min(tiles));
        let parts = tiles.div_ceil(per_part);
        let grain = pool::grain(items * parts, ns / parts as f64);
        pool::for_chunks((items * parts).div_ceil(grain), |chunk| {
            for item in chunk * grain..((chunk + 1) * grain).min(items * parts) {
                let first = item % parts * per_part * channels;
                let range = (first, (first + per_part * channels).min(c.c_out));
                let (task, block) = (item / parts / grid.len(), item / parts % grid.len());
                if !plan.block(task, &grid.block(block), range, out) {
                    infinite[task].store(true, Ordering::Relaxed);
                }
            }
        });
    });
    for (task, _) in infinite.iter().enumerate().filter(|(_, i)| i.load(Ordering::Relaxed)) {
        let len = c.c_out * c.plane[0] * c.plane[1];
        // SAFETY: the tasks are done.
        let out = unsafe { out.range(task * len, len) };
        directly(&c.task(task), &SharedMut::new(out));
    }
    true
}

/// Transforms all weights.
fn transform<T: ConvElement>(c: &Correlation<'_, T>, out: &mut [T]) {
    let [group_stride, out_stride, in_stride] = c.weight_strides;
    let [down, across] = c.axes;
    // The gradient of the input meets the kernel from its other end.
    let kernel = |axis: &Axis, shift: usize| {
        let tap = axis.taps.iter().find(|tap| tap.shift == shift);
        tap.expect("`suits` asks for three shifts").kernel
    };
    let taps: [usize; 9] =
        std::array::from_fn(|i| kernel(down, i / 3) * c.kernel_width + kernel(across, i % 3));
    let shared = SharedMut::new(out);
    let rows = c.groups * c.c_out;
    let grain = pool::grain(rows, 8.0 * c.c_in as f64);
    pool::for_chunks(rows.div_ceil(grain), |chunk| {
        for row in chunk * grain..((chunk + 1) * grain).min(rows) {
            let (group, channel) = (row / c.c_out, row % c.c_out);
            let at = |point: usize| ((group * POINTS + point) * c.c_out + channel) * c.c_in;
            // SAFETY: each row is written by one task.
            let out = std::array::from_fn(|point| unsafe { shared.range(at(point), c.c_in) });
            let weight = &c.weight[group * group_stride + channel * out_stride..];
            isa::dispatch(Spread { weight, stride: in_stride, taps, out });
        }
    });
}

impl<T: ConvElement> Plan<'_, T> {
    /// The outputs of a block for a range of channels; says whether they are finite.
    fn block(
        &self,
        task: usize,
        block: &Block,
        (first, end): (usize, usize),
        out: &SharedMut<'_, T>,
    ) -> bool {
        let (c, grid) = (self.correlation, &self.grid);
        let plane = c.axes[0].source * c.axes[1].source;
        let pitch = grid.pitch();
        let lines = Places::room(grid).max(4 * grid.width());
        let apart = [c.c_in, self.channels].map(|n| Grid::distance::<T>(n * pitch));
        let need = [POINTS * apart[0], POINTS * apart[1], lines];
        scratch::with(need.iter().sum(), |buffer: &mut [T]| {
            let (places, rest) = buffer.split_at_mut(need[0]);
            let (sums, lines) = rest.split_at_mut(need[1]);
            let source = (&c.source[task * c.c_in * plane..], c.c_in);
            Places { axes: c.axes, grid, block }.transform(source, lines, (places, apart[0]));
            let mut finite = true;
            for first in (first..end).step_by(self.channels) {
                let channels = self.channels.min(end - first);
                let tile = (task % c.groups, (first, channels));
                self.products(tile, block.tiles(), (places, apart[0]), (sums, apart[1]));
                let start = (task * c.c_out + first) * c.plane[0] * c.plane[1];
                let bias = c.bias.map(|b| &b[task % c.groups * c.c_out + first..]);
                let distance = apart[1];
                let outputs = Outputs { grid, block, sums, distance, channels, bias, out, start };
                finite &= outputs.write(lines);
            }
            finite
        })
    }

    /// The sums over source channels for some output channels, one product per point.
    fn products(
        &self,
        (group, (first, channels)): (usize, (usize, usize)),
        tiles: usize,
        (places, places_apart): (&[T], usize),
        (sums, sums_apart): (&mut [T], usize),
    ) {
        let (c, pitch) = (self.correlation, self.grid.pitch());
        let dims = Dims { m: channels, n: tiles, k: c.c_in };
        for point in 0..POINTS {
            let row = (group * POINTS + point) * c.c_out + first;
            let weights = Matrix::new(&self.weights[row * c.c_in..], c.c_in, 1);
            let places = Matrix::new(&places[point * places_apart..], pitch, 1);
            let sums = &mut sums[point * sums_apart..];
            gemm_alone(dims, weights, places, (sums, pitch), Beta::Zero);
        }
    }
}
