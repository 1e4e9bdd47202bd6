//! The largest of each window.

use super::Pool2d;
use crate::math::{Float, Real};
use crate::pool;

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
    let planes = pool::grain(dims.planes, 2.0 * (output * dims.taps()) as f64);
    let cut = planes * output;
    pool::for_slices2((values, cut), (places, cut), |c, values, places| {
        for (i, (value, place)) in values.iter_mut().zip(places).enumerate() {
            let x = &x[(c * planes + i / output) * input..][..input];
            let mut best = (T::narrow(-T::Wide::INFINITY), -1);
            for at in dims.places(i % output / width, i % width) {
                let x = x[at];
                if x > best.0 || x.widen().is_nan() || best.1 < 0 {
                    best = (x, at as i64);
                }
            }
            (*value, *place) = best;
        }
    });
}

/// Gradient of the input: each output's gradient goes to the place that won.
///
/// # Panics
/// If a length does not fit, no window fits the plane, or a place is beyond it.
pub fn max_pool2d_grad<T: Float>(dims: &Pool2d, grad: &[T], places: &[i64], grad_x: &mut [T]) {
    let (input, output, _) = dims.extents("max_pool2d gradient", grad_x.len(), grad.len());
    assert_eq!(places.len(), grad.len(), "max_pool2d gradient: length of places");
    if grad_x.is_empty() {
        return;
    }
    let planes = pool::grain(dims.planes, (input + 2 * output) as f64);
    pool::for_slices(grad_x, planes * input, |c, grad_x| {
        let mut total = vec![T::Wide::ZERO; input];
        for (p, grad_x) in grad_x.chunks_exact_mut(input).enumerate() {
            total.fill(T::Wide::ZERO);
            let of_plane = (c * planes + p) * output..(c * planes + p + 1) * output;
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
}
