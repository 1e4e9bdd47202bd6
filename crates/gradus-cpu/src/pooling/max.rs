//! The largest of each window.

use std::hint::select_unpredictable;

use super::Pool2d;
use super::taps::Taps;
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::{Error, Result, pool};

/// The largest of each window and its place in the input plane (`row * width + column`).
///
/// The first of equals; a NaN wins, the last of several, as in PyTorch. A window without an element
/// gives −∞ and place −1.
///
/// # Panics
/// If a length does not fit or no window fits the plane.
pub fn max_pool2d<T: Float>(dims: &Pool2d, x: &[T], values: &mut [T], places: &mut [i64]) {
    let (input, output, [_, width]) = dims.extents("max_pool2d", x.len(), values.len());
    assert_eq!(places.len(), values.len(), "max_pool2d: length of places");
    if values.is_empty() {
        return;
    }
    let taps = Taps::new(dims, width);
    let planes = pool::grain(dims.planes, (output * dims.taps()) as f64);
    let cut = planes * output;
    pool::for_slices2((values, cut), (places, cut), |c, values, places| {
        let x = &x[c * planes * input..][..values.len() / output * input];
        dispatch(Max { dims, taps: &taps, x, values, places });
    });
}

struct Max<'a, T> {
    dims: &'a Pool2d,
    taps: &'a Taps,
    x: &'a [T],
    values: &'a mut [T],
    places: &'a mut [i64],
}

/// No tap yet.
const NONE: u32 = u32::MAX;

impl<T: Float> Kernel for Max<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { dims, taps, x, values, places } = self;
        let [down, across] = [0, 1].map(|d| (dims.window.stride[d], dims.window.padding[d]));
        let [height, width] = dims.window.out_size(dims.size).expect("checked by the caller");
        let offsets = offsets(dims);
        let mut best = vec![NONE; width];
        let rows = values.chunks_exact_mut(width).zip(places.chunks_exact_mut(width));
        let input = dims.size[0] * dims.size[1];
        for (i, (values, places)) in rows.enumerate() {
            let (plane, y) = (&x[i / height * input..][..input], i % height);
            values.fill(T::narrow(-T::Wide::INFINITY));
            best.fill(NONE);
            for line in taps.lines(dims, y) {
                let (values, best) =
                    (&mut values[line.first..line.last], &mut best[line.first..line.last]);
                let source = &plane[line.start..];
                let tap = line.tap as u32;
                match taps.step {
                    1 => {
                        let outputs = values.iter_mut().zip(best);
                        outputs.zip(source).for_each(|((v, b), x)| meet(*x, tap, v, b));
                    }
                    2 => {
                        // The last pair may be cut by the end of the plane.
                        let whole = values.len().min(source.len() / 2);
                        let (head, tail) = values.split_at_mut(whole);
                        let (best_head, best_tail) = best.split_at_mut(whole);
                        let outputs = head.iter_mut().zip(best_head);
                        let pairs = source.chunks_exact(2);
                        outputs.zip(pairs).for_each(|((v, b), x)| meet(x[0], tap, v, b));
                        let outputs = tail.iter_mut().zip(best_tail);
                        outputs.for_each(|(v, b)| meet(source[2 * whole], tap, v, b));
                    }
                    step => {
                        let outputs = values.iter_mut().zip(best);
                        let source = source.iter().step_by(step);
                        outputs.zip(source).for_each(|((v, b), x)| meet(*x, tap, v, b));
                    }
                }
            }
            let row = (y * down.0).cast_signed() - down.1.cast_signed();
            for (o, (place, tap)) in places.iter_mut().zip(&best).enumerate() {
                let column = (o * across.0).cast_signed() - across.1.cast_signed();
                let corner = row * dims.size[1].cast_signed() + column;
                *place = offsets.get(*tap as usize).map_or(-1, |offset| (corner + offset) as i64);
            }
        }
    }
}

/// The place of each tap, from the first one's.
fn offsets(dims: &Pool2d) -> Vec<isize> {
    let ([kh, kw], [dy, dx]) = (dims.window.kernel, dims.window.dilation);
    let taps = (0..kh).flat_map(|i| (0..kw).map(move |j| (i, j)));
    taps.map(|(i, j)| (i * dy * dims.size[1] + j * dx).cast_signed()).collect()
}

/// Keeps the larger of an element and the best so far.
#[inline(always)]
fn meet<T: Float>(x: T, tap: u32, value: &mut T, best: &mut u32) {
    let (wide, old) = (x.widen(), value.widen());
    // No `||`: without branches the loops become vectors, and in what they leave nobody guesses wrong.
    let wins = (wide > old) | wide.is_nan() | (*best == NONE);
    *value = select_unpredictable(wins, x, *value);
    *best = select_unpredictable(wins, tap, *best);
}

/// Gradient of the input: each output's gradient is added at the place that won. Place −1 is none.
///
/// # Errors
/// [`Error::IndexOutOfRange`] if a place is beyond its plane, with `grad_x` in any state.
///
/// # Panics
/// If a length does not fit.
pub fn max_pool2d_grad<T: Float>(
    planes: usize,
    grad: &[T],
    places: &[i64],
    grad_x: &mut [T],
) -> Result<()> {
    assert_eq!(places.len(), grad.len(), "max_pool2d gradient: length of places");
    let (input, output) = (grad_x.len() / planes.max(1), grad.len() / planes.max(1));
    assert_eq!(
        (grad_x.len(), grad.len()),
        (input * planes, output * planes),
        "max_pool2d gradient: lengths of input and output"
    );
    let outside = |place: &i64| *place < -1 || *place >= input as i64;
    if let Some(position) = places.iter().position(outside) {
        return Err(Error::IndexOutOfRange { index: places[position], position });
    }
    if grad_x.is_empty() {
        return Ok(());
    }
    let cut = pool::grain(planes, (input + 2 * output) as f64);
    pool::for_slices(grad_x, cut * input, |c, grad_x| {
        let mut total = vec![T::Wide::ZERO; input];
        for (p, grad_x) in grad_x.chunks_exact_mut(input).enumerate() {
            total.fill(T::Wide::ZERO);
            let of_plane = (c * cut + p) * output..(c * cut + p + 1) * output;
            for (g, place) in grad[of_plane.clone()].iter().zip(&places[of_plane]) {
                if let Ok(place) = usize::try_from(*place) {
                    total[place] = total[place] + g.widen();
                }
            }
            for (x, t) in grad_x.iter_mut().zip(&total) {
                *x = T::narrow(*t);
            }
        }
    });
    Ok(())
}
