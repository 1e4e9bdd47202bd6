//! The product behind the forward pass and the gradient of the input.
//!
//! ```text
//! for lot of images, strip, part of the output channels, on any thread:
//!     lay out the strips                              (unless they can be read in place)
//!     for each tile of channels: for each image: for each tile of registers: microkernel
//! ```
//! An output is one chain per block of K, in an order that the shape alone fixes, so no cut into
//! tasks can change its bits.

use std::ops::Range;

use super::ahead::Ahead;
use super::axis::Axis;
use super::element::{ConvElement, Kernels};
use super::pieces::Pieces;
use super::sheet::Sheet;
use super::tile::{Step, Tile};
use super::winograd;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Bytes of the strips of a lot.
const LOT: usize = 640 << 10;

/// One correlation of all images and groups.
#[derive(Debug)]
pub(super) struct Correlation<'a, T> {
    /// Down and across.
    pub(super) axes: [&'a Axis; 2],
    /// Pairs of image and group.
    pub(super) tasks: usize,
    pub(super) groups: usize,
    /// Source channels of a group.
    pub(super) c_in: usize,
    /// Output channels of a group.
    pub(super) c_out: usize,
    pub(super) source: &'a [T],
    pub(super) weight: &'a [T],
    /// Width of the kernel.
    pub(super) kernel_width: usize,
    /// Distance in the weight of groups, output channels and source channels.
    pub(super) weight_strides: [usize; 3],
    /// One number per output channel of all groups.
    pub(super) bias: Option<&'a [T]>,
    /// Extents of an output plane.
    pub(super) plane: [usize; 2],
}

/// What all tasks of a correlation share.
struct Plan<'a, T: 'static> {
    correlation: &'a Correlation<'a, T>,
    kernels: &'static Kernels<T>,
    sheet: Sheet,
    steps: Vec<Step>,
    /// Output channels of a tile.
    height: usize,
    strips: usize,
    /// Pairs of image and group that share a walk over the weights.
    lot: usize,
    /// Registers of a strip, and of the last one.
    whole: Pieces,
    last: Pieces,
}

/// Computes the outputs of `correlation`, all of them in places of their own.
pub(super) fn correlate<T: ConvElement>(correlation: &Correlation<'_, T>, out: &SharedMut<'_, T>) {
    let [down, across] = correlation.axes;
    if down.outputs * across.outputs * correlation.c_out * correlation.tasks == 0 {
        return;
    }
    if !winograd::correlate(correlation, out) {
        directly(correlation, out);
    }
}

/// [`correlate`] as one sum for each output.
pub(super) fn directly<T: ConvElement>(correlation: &Correlation<'_, T>, out: &SharedMut<'_, T>) {
    let across = correlation.axes[1];
    let plan = Plan::new(correlation);
    let tiles = correlation.c_out.div_ceil(plan.height);
    let items = correlation.tasks.div_ceil(plan.lot) * plan.strips;
    let work = plan.lot * correlation.c_out * plan.sheet.rows * across.outputs;
    let ns = work as f64 * (plan.steps.len() + 4) as f64 / 40.0;
    // Few strips are cut by channels too, each part laying out the strip for itself.
    let wanted = if pool::grain(items, ns) == items { 1 } else { 4 * pool::threads() };
    let parts = wanted.div_ceil(items).min(tiles);
    let tiles_per_part = tiles.div_ceil(parts);
    let parts = tiles.div_ceil(tiles_per_part);
    let grain = pool::grain(items * parts, ns / parts as f64);
    pool::for_chunks((items * parts).div_ceil(grain), |chunk| {
        for task in chunk * grain..((chunk + 1) * grain).min(items * parts) {
            let channels = task % parts * tiles_per_part * plan.height;
            let end = (channels + tiles_per_part * plan.height).min(correlation.c_out);
            plan.item(task / parts, (channels, end), out);
        }
    });
}

impl<T> Correlation<'_, T> {
    /// One of the tasks alone.
    pub(super) fn task(&self, task: usize) -> Self {
        let group = task % self.groups;
        let source = self.c_in * self.axes[0].source * self.axes[1].source;
        Self {
            tasks: 1,
            groups: 1,
            source: &self.source[task * source..][..source],
            weight: &self.weight[group * self.weight_strides[0]..],
            bias: self.bias.map(|bias| &bias[group * self.c_out..][..self.c_out]),
            ..*self
        }
    }
}

impl<'a, T: ConvElement> Plan<'a, T> {
    fn new(correlation: &'a Correlation<'a, T>) -> Self {
        let kernels = T::kernels();
        let [down, across] = correlation.axes;
        let sheet = Sheet::new::<T>(correlation.axes, correlation.c_in, 1);
        let tiles = correlation.c_out.div_ceil(kernels.tiles.len());
        let strips = down.outputs.div_ceil(sheet.rows);
        // Small images go by lots that stay in L2, since large weights do not.
        let bytes = sheet.channel * correlation.c_in * size_of::<T>();
        let alone = strips > 1 || correlation.groups > 1;
        let lot = if alone { 1 } else { (LOT / bytes.max(1)).clamp(1, 8) };
        let pieces = |rows| Pieces::new(rows, across.outputs, sheet.pitch, kernels.lanes);
        Self {
            correlation,
            kernels,
            sheet,
            steps: steps(correlation, &sheet),
            height: correlation.c_out.div_ceil(tiles),
            strips,
            lot: lot.min(correlation.tasks.div_ceil(2 * pool::threads())),
            whole: pieces(sheet.rows),
            last: pieces(down.outputs - (strips - 1) * sheet.rows),
        }
    }

    /// The outputs of one strip of a lot for a range of channels.
    fn item(&self, item: usize, channels: (usize, usize), out: &SharedMut<'_, T>) {
        let c = self.correlation;
        let [down, across] = c.axes;
        let (start, strip) = (item / self.strips * self.lot, item % self.strips);
        let tasks = start..(start + self.lot).min(c.tasks);
        let first = strip * self.sheet.rows;
        let image = c.c_in * down.source * across.source;
        let source = &c.source[start * image..tasks.end * image];
        let ahead = self.next(item + 1, tasks.len() * (channels.1 - channels.0));
        if self.sheet.in_place {
            let places = (&source[(first * self.sheet.pitch).min(source.len())..], image);
            return self.tiles(places, (tasks, first), channels, out, ahead);
        }
        let rows = self.sheet.rows.min(down.outputs - first);
        let len = self.sheet.len(c.c_in);
        scratch::with(len * tasks.len(), |places: &mut [T]| {
            for (i, places) in places.chunks_exact_mut(len.max(1)).enumerate() {
                self.sheet.fill(c.axes, &source[i * image..][..image], (first, rows), places);
            }
            self.tiles((places, len), (tasks, first), channels, out, ahead);
        });
    }

    /// The source of an item, to be fetched while the one before it is computed: as many
    /// `channels` of outputs, counted for all images.
    fn next(&self, item: usize, channels: usize) -> Ahead<'_, T> {
        let c = self.correlation;
        let [down, across] = c.axes;
        let calls = channels.div_ceil(self.height) * self.whole.pieces.len().div_ceil(3);
        let (task, strip) = (item / self.strips * self.lot, item % self.strips);
        let plane = down.source * across.source;
        let source = c.source.get(task * c.c_in * plane..).unwrap_or_default();
        if self.strips == 1 {
            return Ahead::new(source, 0, (self.lot * c.c_in * plane, 1), calls);
        }
        let row = (strip * self.sheet.rows * down.step).cast_signed() - down.pad;
        let row = row.max(0).unsigned_abs().min(down.source);
        let rows = ((self.sheet.rows + down.reach()) * down.step).min(down.source - row);
        let source = source.get(row * across.source..).unwrap_or_default();
        Ahead::new(source, plane, (rows * across.source, c.c_in), calls)
    }

    /// The weights of `count` output channels from `channel` on, to be fetched while the tile
    /// before them is computed.
    fn next_weights(&self, group: usize, channel: usize, calls: usize) -> Ahead<'_, T> {
        let c = self.correlation;
        let [group_stride, out_stride, in_stride] = c.weight_strides;
        let count = self.height.min(c.c_out.saturating_sub(channel));
        let start = group * group_stride + channel * out_stride;
        let weight = c.weight.get(start..).unwrap_or_default();
        if out_stride > in_stride {
            Ahead::new(weight, out_stride, (c.c_in * in_stride, count), calls)
        } else {
            Ahead::new(weight, in_stride, (count * out_stride, c.c_in), calls)
        }
    }

    /// All tiles of some images, whose strips lie a distance apart.
    fn tiles(
        &self,
        (places, distance): (&[T], usize),
        (tasks, first): (Range<usize>, usize),
        (channel, end): (usize, usize),
        out: &SharedMut<'_, T>,
        mut ahead: Ahead<'_, T>,
    ) {
        let down = self.correlation.axes[0];
        let pieces = if first + self.sheet.rows > down.outputs { &self.last } else { &self.whole };
        let calls = tasks.len() * pieces.pieces.len().div_ceil(3);
        for channel in (channel..end).step_by(self.height) {
            let height = self.height.min(end - channel);
            let group = tasks.start % self.correlation.groups;
            let mut weights = self.next_weights(group, channel + self.height, calls);
            for (i, task) in tasks.clone().enumerate() {
                let tile =
                    self.tile(&places[i * distance..], (task, first), (channel, height), out);
                let mut rest = &pieces.pieces[..];
                while !rest.is_empty() {
                    let fits = self.kernels.tiles[height - 1].iter().rev();
                    let fits = fits.copied().find(|(v, _)| *v <= rest.len());
                    let (v, micro) = fits.expect("every list begins with one register");
                    let (now, later) = rest.split_at(v);
                    rest = later;
                    // SAFETY: `T::kernels` gives kernels of this machine's level. Lengths were
                    // checked by the caller; steps, pieces and runs lie inside the strip and the
                    // plane by construction; each task has outputs of its own.
                    unsafe { micro(&Tile { pieces: now, runs: &pieces.runs, ..tile }) }
                    ahead.go_on();
                    weights.go_on();
                }
            }
        }
    }

    /// What the tiles of some channels of an image share.
    fn tile<'t>(
        &'t self,
        places: &[T],
        (task, first): (usize, usize),
        (channel, height): (usize, usize),
        out: &SharedMut<'_, T>,
    ) -> Tile<'t, T> {
        let c = self.correlation;
        let [down, across] = c.axes;
        let plane = c.plane[0] * c.plane[1];
        let corner = (down.first + first * down.stride) * c.plane[1] + across.first;
        let [group_stride, channel_stride, _] = c.weight_strides;
        let group = task % c.groups;
        let bias = c.bias.map(|b| &b[group * c.c_out + channel..][..height]);
        let weight = &c.weight[group * group_stride..];
        Tile {
            steps: &self.steps,
            weight: weight.as_ptr().wrapping_add(channel * channel_stride),
            weight_stride: channel_stride,
            strip: places.as_ptr(),
            pieces: &[],
            runs: &[],
            bias: bias.map_or(std::ptr::null(), <[T]>::as_ptr),
            out: out.as_ptr().wrapping_add((task * c.c_out + channel) * plane + corner),
            out_strides: [plane, down.stride * c.plane[1], across.stride],
        }
    }
}

/// The K order: source channel, then row, then column of the kernel.
fn steps<T>(c: &Correlation<'_, T>, sheet: &Sheet) -> Vec<Step> {
    let [down, across] = c.axes;
    let pairs = (0..down.taps.len()).flat_map(|y| (0..across.taps.len()).map(move |x| [y, x]));
    let taps: Vec<Step> = pairs
        .map(|[y, x]| Step {
            weight: down.taps[y].kernel * c.kernel_width + across.taps[x].kernel,
            shift: sheet.shift(c.axes, [y, x]),
        })
        .collect();
    let channels = (0..c.c_in).flat_map(|channel| {
        taps.iter().map(move |tap| Step {
            weight: tap.weight + channel * c.weight_strides[2],
            shift: tap.shift + channel * sheet.channel,
        })
    });
    channels.collect()
}
