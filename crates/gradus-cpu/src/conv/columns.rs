//! The unfolded image: one row per (channel, tap), one column per output place.

use std::ops::Range;

use super::Conv2d;
use super::shape::Extents;
use crate::math::Real;

/// Writes the columns of output rows `rows`: `columns[(c, kh, kw)][(oh, ow)]`.
pub(super) fn unfold<T: Real>(
    conv: &Conv2d,
    extents: &Extents,
    image: &[T],
    rows: Range<usize>,
    columns: &mut [T],
) {
    let width = extents.out[1];
    let lines = columns.chunks_exact_mut(width);
    for (line, place) in lines.zip(places(conv, extents, rows)) {
        let Some(Place { start, first, last }) = place else {
            line.fill(T::ZERO);
            continue;
        };
        line[..first].fill(T::ZERO);
        line[last..].fill(T::ZERO);
        let step = conv.window.stride[1];
        if first == last {
            continue;
        }
        let source = &image[start..];
        if step == 1 {
            line[first..last].copy_from_slice(&source[..last - first]);
        } else {
            for (o, x) in line[first..last].iter_mut().zip(source.iter().step_by(step)) {
                *o = *x;
            }
        }
    }
}

/// Adds the columns back to the image places they came from, in the order of the columns.
pub(super) fn fold<T: Real>(
    conv: &Conv2d,
    extents: &Extents,
    columns: &[T],
    rows: Range<usize>,
    image: &mut [T],
) {
    let width = extents.out[1];
    for (line, place) in columns.chunks_exact(width).zip(places(conv, extents, rows)) {
        let Some(Place { start, first, last }) = place else { continue };
        if first == last {
            continue;
        }
        let step = conv.window.stride[1];
        let target = image[start..].iter_mut().step_by(step);
        for (x, c) in target.zip(&line[first..last]) {
            *x = *x + *c;
        }
    }
}

/// Where a line of columns (one tap, one output row) lies in the image.
struct Place {
    /// Element that output column `first` reads.
    start: usize,
    /// The output columns whose tap is inside the image.
    first: usize,
    last: usize,
}

/// The place of every line, in order; `None` above and below the image.
fn places(
    conv: &Conv2d,
    extents: &Extents,
    rows: Range<usize>,
) -> impl Iterator<Item = Option<Place>> {
    let (window, [height, width]) = (conv.window, conv.size);
    let out_width = extents.out[1];
    let [kh, kw] = window.kernel;
    let taps = (0..extents.c_in).flat_map(move |c| (0..kh * kw).map(move |k| (c, k / kw, k % kw)));
    taps.flat_map(move |(c, kh, kw)| {
        let (first, last) = window.inside(1, kw, width, out_width);
        rows.clone().map(move |oh| {
            let ih = window.place(0, oh, kh, height)?;
            // For an empty range the start is never used.
            let iw = window.place(1, first, kw, width).unwrap_or(0);
            Some(Place { start: (c * height + ih) * width + iw, first, last })
        })
    })
}
