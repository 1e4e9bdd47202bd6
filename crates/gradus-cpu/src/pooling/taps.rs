//! The taps of a window row by row: one tap for all outputs of a row at a time.

use super::Pool2d;

/// The taps across a window.
#[derive(Debug)]
pub(super) struct Taps {
    across: Vec<Tap>,
    /// Distance of the places of neighbouring outputs.
    pub(super) step: usize,
}

/// One tap across: the outputs for which it is inside, and the place of the first of them.
#[derive(Debug, Clone, Copy)]
struct Tap {
    first: usize,
    last: usize,
    start: usize,
}

/// One tap for one output row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Place of the tap in the window, counted row by row.
    pub(super) tap: usize,
    /// The outputs for which it is inside.
    pub(super) first: usize,
    pub(super) last: usize,
    /// The place in the plane that output `first` reads.
    pub(super) start: usize,
}

impl Taps {
    pub(super) fn new(dims: &Pool2d, out_width: usize) -> Self {
        let (window, width) = (dims.window, dims.size[1]);
        let tap = |j| {
            let (first, last) = window.inside(1, j, width, out_width);
            // For an empty range the start is never used.
            Tap { first, last, start: window.place(1, first, j, width).unwrap_or(0) }
        };
        Self { across: (0..window.kernel[1]).map(tap).collect(), step: window.stride[1] }
    }

    /// The taps of output row `y` that are inside for some output, in row-major order.
    pub(super) fn lines(&self, dims: &Pool2d, y: usize) -> impl Iterator<Item = Line> {
        let (window, [height, width]) = (dims.window, dims.size);
        let down =
            (0..window.kernel[0]).filter_map(move |i| Some((i, window.place(0, y, i, height)?)));
        down.flat_map(move |(i, row)| {
            let across = self.across.iter().enumerate().filter(|(_, tap)| tap.first < tap.last);
            across.map(move |(j, tap)| Line {
                tap: i * window.kernel[1] + j,
                first: tap.first,
                last: tap.last,
                start: row * width + tap.start,
            })
        })
    }

    /// How many taps across are inside for output `o`.
    pub(super) fn inside(&self, o: usize) -> usize {
        self.across.iter().filter(|tap| (tap.first..tap.last).contains(&o)).count()
    }
}
