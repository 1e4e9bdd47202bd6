//! The gradient of the weight.
//!
//! ```text
//! for part of the images, group, range of input channels, on any thread:
//!     for image, block of tiles: transform the places and the gradient; 16 products
//! add the parts in order; transform back
//! ```

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::Conv2d;
use super::super::axis::Axis;
use super::super::element::ConvElement;
use super::super::shape::Extents;
use super::grad_tiles;
use super::grid::Grid;
use super::places::Places;
use super::weights::Gather;
use super::{LANES, POINTS, suits};
use crate::gemm::{Beta, Dims, Matrix, gemm_alone};
use crate::isa;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Elements of the sums of all parts, unless one part has more.
const SUMS: usize = 1 << 20;

/// Fewer outputs of all images do not pay for the transform back.
const OUTPUTS: usize = 400;

/// What all tasks share.
struct Plan<'a, T> {
    conv: &'a Conv2d,
    e: &'a Extents,
    axes: [&'a Axis; 2],
    grid: Grid,
    x: &'a [T],
    grad: &'a [T],
    /// Output channels, rounded up to whole registers.
    pitch: usize,
}

/// Computes the gradient of the weight if the convolution is of the kind and the result is finite;
/// says whether it did.
pub(in super::super) fn grad_weight<T: ConvElement>(
    conv: &Conv2d,
    e: &Extents,
    (x, grad): (&[T], &[T]),
    out: &mut [T],
) -> bool {
    let axis = |d: usize| Axis::forward(&conv.window, d, conv.size[d], e.out[d]);
    let (down, across) = (axis(0), axis(1));
    let axes = [&down, &across];
    if !suits(axes, e.c_in, e.c_out) || conv.batch * e.plane < OUTPUTS {
        return false;
    }
    let pitch = e.c_out.next_multiple_of(LANES);
    let plan = Plan { conv, e, axes, grid: Grid::new(e.out), x, grad, pitch };
    let sums = conv.groups * POINTS * e.c_in * pitch;
    // By shape alone.
    let per_part = conv.batch.div_ceil(conv.batch.min(8).min((SUMS / sums).max(1)));
    let parts = conv.batch.div_ceil(per_part);
    // Ranges of input channels give more tasks, each of which must transform the gradient anew.
    let ranges = match pool::threads() {
        1 => 1,
        threads => (2 * threads).div_ceil(parts * conv.groups).min(e.c_in),
    };
    let per_range = e.c_in.div_ceil(ranges);
    let ranges = e.c_in.div_ceil(per_range);
    let tasks = parts * conv.groups * ranges;
    scratch::with(parts * sums, |totals: &mut [T]| {
        let shared = SharedMut::new(totals);
        pool::for_chunks(tasks, |task| {
            let (part, rest) = (task / (conv.groups * ranges), task % (conv.groups * ranges));
            let images = part * per_part..((part + 1) * per_part).min(conv.batch);
            let (group, first) = (rest / ranges, rest % ranges * per_range);
            let channels = (first, per_range.min(e.c_in - first));
            plan.run(images, group, channels, &shared, part * sums);
        });
        let (total, parts) = totals.split_at_mut(sums);
        for part in parts.chunks_exact(sums) {
            for (t, p) in total.iter_mut().zip(part) {
                *t = *t + *p;
            }
        }
        plan.back(total, out)
    })
}

impl<T: ConvElement> Plan<'_, T> {
    /// Writes the sums over some images, `[group][point][c_in][c_out]` from `start` on, for some
    /// input channels of a group.
    fn run(
        &self,
        images: std::ops::Range<usize>,
        group: usize,
        (first, channels): (usize, usize),
        totals: &SharedMut<'_, T>,
        start: usize,
    ) {
        let Self { conv, e, axes, grid, pitch, .. } = self;
        let plane = conv.size[0] * conv.size[1];
        let apart = [channels, *pitch].map(|n| Grid::distance::<T>(n * grid.pitch()));
        let need = [
            POINTS * apart[0],
            POINTS * apart[1],
            Places::room(grid).max(4 * grid.width() * pitch),
        ];
        scratch::with(need.iter().sum(), |buffer: &mut [T]| {
            let (places, rest) = buffer.split_at_mut(need[0]);
            let (tiles, lines) = rest.split_at_mut(need[1]);
            let mut beta = Beta::Zero;
            for (image, block) in images.flat_map(|i| (0..grid.len()).map(move |b| (i, b))) {
                let task = image * conv.groups + group;
                let block = &grid.block(block);
                let source = (&self.x[(task * e.c_in + first) * plane..], channels);
                Places { axes: *axes, grid, block }.transform(source, lines, (places, apart[0]));
                let grad = &self.grad[task * e.c_out * e.plane..][..e.c_out * e.plane];
                let panel = &mut lines[..4 * block.across.len() * pitch];
                grad_tiles::transform(grad, block, *pitch, panel, (tiles, apart[1]));
                for point in 0..POINTS {
                    let at = start + ((group * POINTS + point) * e.c_in + first) * pitch;
                    // SAFETY: each task has points, groups and channels of its own.
                    let sums = unsafe { totals.range(at, channels * pitch) };
                    let dims = Dims { m: channels, n: e.c_out, k: block.tiles() };
                    let a = Matrix::new(&places[point * apart[0]..], grid.pitch(), 1);
                    let b = Matrix::new(&tiles[point * apart[1]..], *pitch, 1);
                    gemm_alone(dims, a, b, (sums, *pitch), beta);
                }
                beta = Beta::One;
            }
        });
    }

    /// Transforms the sums into the gradient; says whether it is finite.
    fn back(&self, sums: &[T], out: &mut [T]) -> bool {
        let (e, pitch) = (self.e, self.pitch);
        let strides = [e.c_in * pitch, pitch];
        let infinite = AtomicBool::new(false);
        for (sums, out) in
            sums.chunks_exact(POINTS * strides[0]).zip(out.chunks_exact_mut(e.c_out * e.taps))
        {
            pool::for_slices(out, LANES * e.taps, |index, out| {
                let sums = &sums[index * LANES..];
                if !isa::dispatch(Gather { sums, strides, out, taps: e.taps }) {
                    infinite.store(true, Ordering::Relaxed);
                }
            });
        }
        !infinite.into_inner()
    }
}
