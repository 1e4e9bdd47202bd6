//! The gradient of the weight.
//!
//! ```text
//! for part of the images, group, range of input channels, on any thread:
//!     for each image, strip of it, block of its lines:
//!         totals += sums over the block's places         (microkernels)
//! gradient = the parts' totals, added in order
//! ```
//! **The K order**: parts, images, blocks, each in order. The parts depend on the shape alone, and a
//! block is as many output rows as make [`KC`] places, or `KC` places of a longer row. From
//! [`CHANNELS`] output channels per group on, the lanes are output channels, and a block is one
//! chain over its places, row by row. Below, the lanes are places (see `weight_tile::places`).

use super::Conv2d;
use super::axis::Axis;
use super::element::{ConvElement, Kernels};
use super::grad_panel::Panel;
use super::shape::Extents;
use super::sheet::Sheet;
use super::weight_tile::WeightTile;
use super::winograd;
use crate::gemm::KC;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Fewer output channels per group than this would leave most lanes idle.
const CHANNELS: usize = 8;

/// Gradient of the weight, given that of the output, summed over the images.
///
/// # Panics
/// As [`forward`](super::forward).
pub fn grad_weight<T: ConvElement>(conv: &Conv2d, x: &[T], grad_out: &[T], grad_weight: &mut [T]) {
    let e = conv.extents("conv2d gradient", [x.len(), grad_weight.len(), grad_out.len()]);
    if grad_out.is_empty() || grad_weight.is_empty() {
        return grad_weight.fill(T::ZERO);
    }
    if !winograd::grad_weight(conv, &e, (x, grad_out), grad_weight) {
        directly(conv, &e, (x, grad_out), grad_weight);
    }
}

/// [`grad_weight`](self::grad_weight()) as one sum for each weight.
fn directly<T: ConvElement>(
    conv: &Conv2d,
    e: &Extents,
    (x, grad_out): (&[T], &[T]),
    grad_weight: &mut [T],
) {
    let per_part = conv.batch.div_ceil(parts(conv, grad_weight.len()));
    let parts = conv.batch.div_ceil(per_part);
    let axis = |d: usize| Axis::forward(&conv.window, d, conv.size[d], e.out[d]);
    let (down, across) = (axis(0), axis(1));
    // Ranges of input channels give more tasks, each of which must prepare the gradient anew.
    let ranges = (2 * pool::threads()).div_ceil(parts * conv.groups).min(e.c_in);
    let c_in = if pool::threads() == 1 { e.c_in } else { e.c_in.div_ceil(ranges) };
    let ranges = e.c_in.div_ceil(c_in);
    let sum = Sum {
        conv,
        e,
        axes: [&down, &across],
        kernels: T::kernels(),
        x,
        grad_out,
        blocks: Blocks::new(e.out),
    };
    let len = grad_weight.len();
    let run = |totals: &mut [T]| {
        let totals = SharedMut::new(totals);
        let tasks = parts * conv.groups * ranges;
        let ns = conv.batch as f64 * (len * e.plane) as f64 / 40.0 / tasks as f64;
        let grain = pool::grain(tasks, ns);
        pool::for_chunks(tasks.div_ceil(grain), |chunk| {
            for task in chunk * grain..((chunk + 1) * grain).min(tasks) {
                let (part, rest) = (task / (conv.groups * ranges), task % (conv.groups * ranges));
                let images = (part * per_part, ((part + 1) * per_part).min(conv.batch));
                let (group, channel) = (rest / ranges, rest % ranges * c_in);
                let range = (channel, c_in.min(e.c_in - channel));
                sum.run(images, group, range, &totals, part * len);
            }
        });
    };
    if parts == 1 {
        return run(grad_weight);
    }
    scratch::with(parts * len, |totals: &mut [T]| {
        run(totals);
        grad_weight.copy_from_slice(&totals[..len]);
        for part in totals[len..].chunks_exact(len) {
            for (g, p) in grad_weight.iter_mut().zip(part) {
                *g = *g + *p;
            }
        }
    });
}

/// Into how many parts the images are cut: by shape alone. Large weights would cost too much memory.
fn parts(conv: &Conv2d, weights: usize) -> usize {
    const PARTIAL: usize = 1 << 19;
    conv.batch.min(8).min((PARTIAL / weights).max(1))
}

/// How the places of an image are cut into blocks.
#[derive(Debug, Clone, Copy)]
struct Blocks {
    /// Whole output rows of a block.
    lines: usize,
    /// Places of a row in a block.
    width: usize,
}

impl Blocks {
    fn new([_, width]: [usize; 2]) -> Self {
        Self { lines: (KC / width).max(1), width: KC.min(width) }
    }
}

/// The sums over some images for some weights.
struct Sum<'a, T: 'static> {
    conv: &'a Conv2d,
    e: &'a Extents,
    axes: [&'a Axis; 2],
    kernels: &'static Kernels<T>,
    x: &'a [T],
    grad_out: &'a [T],
    blocks: Blocks,
}

/// A block of places, in a strip.
struct Block {
    /// First place of the block in the gradient's plane and in the strip.
    grad_at: usize,
    strip_at: usize,
    lines: usize,
    width: usize,
}

impl<T: ConvElement> Sum<'_, T> {
    /// Writes the gradient of `count` input channels from `channel` on into `out`, from `start`.
    fn run(
        &self,
        images: (usize, usize),
        group: usize,
        (channel, count): (usize, usize),
        out: &SharedMut<'_, T>,
        start: usize,
    ) {
        let (conv, e) = (self.conv, self.e);
        let kernel = conv.window.kernel[0] * conv.window.kernel[1];
        let sheet = Sheet::new::<T>(self.axes, count, self.blocks.lines);
        let shifts = self.shifts(&sheet, count);
        let pitch = e.c_out.next_multiple_of(self.kernels.lanes);
        let need = [sheet.len(count), shifts.len() * pitch, KC * pitch];
        scratch::with(need.iter().sum(), |buffer: &mut [T]| {
            let (strip, rest) = buffer.split_at_mut(need[0]);
            let (totals, panel) = rest.split_at_mut(need[1]);
            totals.fill(T::ZERO);
            for image in images.0..images.1 {
                let task = image * conv.groups + group;
                let plane = conv.size[0] * conv.size[1];
                let x = &self.x[(task * e.c_in + channel) * plane..][..count * plane];
                let grad = &self.grad_out[task * e.c_out * e.plane..][..e.c_out * e.plane];
                self.image(&sheet, x, grad, &shifts, (strip, totals, panel));
            }
            // Totals are [weights][c_out]; the gradient is [c_out][weights].
            for o in 0..e.c_out {
                let at = start + (group * e.c_out + o) * e.taps + channel * kernel;
                // SAFETY: each task writes the weights of its own group and channels.
                let row = unsafe { out.range(at, count * kernel) };
                for (w, total) in row.iter_mut().zip(totals[o..].iter().step_by(pitch)) {
                    *w = *total;
                }
            }
        });
    }

    /// The shift of every weight of an output channel.
    fn shifts(&self, sheet: &Sheet, channels: usize) -> Vec<usize> {
        let [kh, kw] = self.conv.window.kernel;
        let taps = (0..kh).flat_map(|y| (0..kw).map(move |x| [y, x]));
        let taps: Vec<_> = taps.map(|tap| sheet.shift(self.axes, tap)).collect();
        (0..channels).flat_map(|c| taps.iter().map(move |t| t + c * sheet.channel)).collect()
    }

    /// Adds the sums over one image.
    fn image(
        &self,
        sheet: &Sheet,
        x: &[T],
        grad: &[T],
        shifts: &[usize],
        (strip, totals, panel): (&mut [T], &mut [T], &mut [T]),
    ) {
        let [height, width] = self.e.out;
        for first in (0..height).step_by(sheet.rows) {
            let rows = sheet.rows.min(height - first);
            let places = if sheet.in_place {
                &x[first * sheet.pitch..]
            } else {
                sheet.fill(self.axes, x, (first, rows), strip);
                &*strip
            };
            for line in (0..rows).step_by(self.blocks.lines) {
                for column in (0..width).step_by(self.blocks.width) {
                    let block = Block {
                        grad_at: (first + line) * width + column,
                        strip_at: line * sheet.pitch + column,
                        lines: self.blocks.lines.min(rows - line),
                        width: self.blocks.width.min(width - column),
                    };
                    if self.e.c_out < CHANNELS {
                        self.by_place(sheet, &block, (places, grad), shifts, totals);
                    } else {
                        self.by_channel(sheet, &block, (places, grad), shifts, (totals, panel));
                    }
                }
            }
        }
    }

    /// Lanes are output channels.
    fn by_channel(
        &self,
        sheet: &Sheet,
        block: &Block,
        (places, grad): (&[T], &[T]),
        shifts: &[usize],
        (totals, panel): (&mut [T], &mut [T]),
    ) {
        let lanes = self.kernels.lanes;
        let pitch = self.e.c_out.next_multiple_of(lanes);
        let source = Panel {
            source: &grad[block.grad_at..],
            plane: self.e.plane,
            channels: self.e.c_out,
            places: block.lines * block.width,
            pitch,
        };
        // SAFETY: `T::kernels` gives kernels of this machine's level.
        unsafe { (self.kernels.panel)(&source, panel) }
        let registers = pitch / lanes;
        for v in (0..registers).step_by(2) {
            let micros = self.kernels.channels[2.min(registers - v) - 1];
            let height = shifts.len().div_ceil(shifts.len().div_ceil(micros.len()));
            for (i, shifts) in shifts.chunks(height).enumerate() {
                let tile = WeightTile {
                    strip: places.as_ptr().wrapping_add(block.strip_at),
                    pitch: sheet.pitch,
                    shifts,
                    grad: panel.as_ptr().wrapping_add(v * lanes),
                    grad_pitch: pitch,
                    lines: block.lines,
                    width: block.width,
                    total: totals.as_mut_ptr().wrapping_add(i * height * pitch + v * lanes),
                    total_stride: pitch,
                };
                // SAFETY: `T::kernels` gives kernels of this machine's level; the block lies
                // inside the strip under every shift; panel and totals hold whole registers.
                unsafe { micros[shifts.len() - 1](&tile) }
            }
        }
    }

    /// Lanes are places.
    fn by_place(
        &self,
        sheet: &Sheet,
        block: &Block,
        (places, grad): (&[T], &[T]),
        shifts: &[usize],
        totals: &mut [T],
    ) {
        let pitch = self.e.c_out.next_multiple_of(self.kernels.lanes);
        let micros = self.kernels.places;
        let height = shifts.len().div_ceil(shifts.len().div_ceil(micros.len()));
        for o in 0..self.e.c_out {
            for (i, shifts) in shifts.chunks(height).enumerate() {
                let tile = WeightTile {
                    strip: places.as_ptr().wrapping_add(block.strip_at),
                    pitch: sheet.pitch,
                    shifts,
                    grad: grad.as_ptr().wrapping_add(o * self.e.plane + block.grad_at),
                    grad_pitch: self.e.out[1],
                    lines: block.lines,
                    width: block.width,
                    total: totals.as_mut_ptr().wrapping_add(i * height * pitch + o),
                    total_stride: pitch,
                };
                // SAFETY: as in `by_channel`; masks keep the loads inside the lines.
                unsafe { micros[shifts.len() - 1](&tile) }
            }
        }
    }
}
