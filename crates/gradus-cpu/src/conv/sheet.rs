//! Strips of images, laid out so that every tap is a shift.
//!
//! A strip holds some output rows' worth of source rows, cut into phases, with the zeros of the
//! padding. Rows lie `pitch` apart, so the outputs of a strip are one line of places in which the
//! last of each row (between the outputs' width and the pitch) are computed and dropped. An image
//! without padding and strides already lies so and is read in place.

use super::axis::Axis;
use super::element::ConvElement;
use super::lines::Lines;

/// Bytes of a strip, so that it stays in L2 beside the weights.
const STRIP: usize = 384 << 10;

/// Where things lie in a strip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet {
    /// Output rows per strip.
    pub(super) rows: usize,
    /// Distance of rows.
    pub(super) pitch: usize,
    /// Distance of channels.
    pub(super) channel: usize,
    /// Distance of phases.
    phase: usize,
    pub(super) in_place: bool,
}

impl Sheet {
    /// Strips of a multiple of `unit` rows (or of all rows).
    pub(super) fn new<T>([down, across]: [&Axis; 2], channels: usize, unit: usize) -> Self {
        let fitting = |row_bytes: usize| {
            let fit = (STRIP / row_bytes.max(1)).saturating_sub(down.reach()).max(8);
            let strips = down.outputs.div_ceil(fit.next_multiple_of(unit)).max(1);
            down.outputs.div_ceil(strips).next_multiple_of(unit).min(down.outputs)
        };
        if down.is_in_place() && across.is_in_place() {
            let (pitch, channel) = (across.source, across.source * down.source);
            let rows = fitting(channels * pitch * size_of::<T>());
            return Self { rows, pitch, channel, phase: 0, in_place: true };
        }
        let columns = across.outputs + across.reach();
        // The zeros left of a row also serve as those right of the row before it.
        let right = columns.cast_signed() - across.pad - across.source.cast_signed();
        let both = if across.step == 1 { right.min(across.pad).max(0).unsigned_abs() } else { 0 };
        // Rows of outputs must not overlap.
        let both = both.min(across.reach());
        let pitch = columns - both;
        let planes = channels * down.phases.len() * across.phases.len();
        let rows = fitting(planes * pitch * size_of::<T>());
        let phase = (rows + down.reach()) * pitch + both;
        let channel = phase * down.phases.len() * across.phases.len();
        Self { rows, pitch, channel, phase, in_place: false }
    }

    /// Elements of a strip of `channels`.
    pub(super) fn len(&self, channels: usize) -> usize {
        if self.in_place { 0 } else { self.channel * channels }
    }

    /// How far a pair of taps moves the places of the outputs.
    pub(super) fn shift(&self, axes: [&Axis; 2], tap: [usize; 2]) -> usize {
        let [down, across] = [axes[0].taps[tap[0]], axes[1].taps[tap[1]]];
        let phase = down.phase * axes[1].phases.len() + across.phase;
        phase * self.phase + down.shift * self.pitch + across.shift
    }

    /// Lays out the strip of `rows` output rows from row `first` on, for all channels of `source`.
    pub(super) fn fill<T: ConvElement>(
        &self,
        [down, across]: [&Axis; 2],
        source: &[T],
        (first, rows): (usize, usize),
        out: &mut [T],
    ) {
        let plane = down.source * across.source;
        if plane == 0 {
            return out.fill(T::ZERO);
        }
        let copy_lines = T::kernels().lines;
        let rows = rows + down.reach();
        let (pitch, step_down, step_across) = (across.source, down.step, across.step);
        for (plane, out) in source.chunks_exact(plane).zip(out.chunks_exact_mut(self.channel)) {
            let phases = (0..down.phases.len()).flat_map(|y| {
                let columns = 0..across.phases.len();
                columns.map(move |x| [y, x])
            });
            for ([y, x], out) in phases.zip(out.chunks_exact_mut(self.phase)) {
                let down = down.inside(y, first, rows);
                let across = across.inside(x, 0, self.pitch);
                let (above, rest) = out.split_at_mut(down.lead * self.pitch);
                let (lines, below) = rest.split_at_mut(down.len * self.pitch);
                above.fill(T::ZERO);
                below.fill(T::ZERO);
                let start = down.start * pitch + across.start;
                let copy = Lines {
                    source: plane.get(start..).unwrap_or_default(),
                    source_pitch: step_down * pitch,
                    step: step_across,
                    lead: across.lead,
                    len: if down.len == 0 { 0 } else { across.len },
                    pitch: self.pitch,
                };
                // SAFETY: `T::kernels` gives kernels of this machine's level.
                unsafe { copy_lines(&copy, lines) }
            }
        }
    }
}
