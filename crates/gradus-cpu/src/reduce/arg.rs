//! Where the largest and the smallest stand.

use super::{Axis, extremum};
use crate::pool;

/// Index of the largest along the axis: the first on ties; NaN counts as largest, as in PyTorch.
///
/// # Panics
/// If a length does not fit `dims`, or `axis` is 0 while there are outputs.
///
/// # Examples
/// ```
/// use gradus_cpu::reduce::{Axis, argmax};
/// let mut out = [0; 2];
/// argmax(Axis::rows(2, 3), &[1.0, 5.0, 5.0, 0.0, f32::NAN, 9.0], &mut out);
/// assert_eq!(out, [1, 1]);
/// ```
pub fn argmax<T: Copy + PartialOrd + Send + Sync>(dims: Axis, x: &[T], out: &mut [i64]) {
    dims.check("argmax", x.len(), out.len());
    if dims.inner == 1 {
        return in_rows(dims, x, out, extremum::largest_of_row);
    }
    reduce(dims, x, out, |candidate, best| candidate > best);
}

/// Index of the smallest along the axis: the first on ties; NaN counts as smallest, as in PyTorch.
///
/// # Panics
/// As [`argmax`].
pub fn argmin<T: Copy + PartialOrd + Send + Sync>(dims: Axis, x: &[T], out: &mut [i64]) {
    dims.check("argmin", x.len(), out.len());
    if dims.inner == 1 {
        return in_rows(dims, x, out, extremum::smallest_of_row);
    }
    reduce(dims, x, out, |candidate, best| candidate < best);
}

/// Finds the value first, by vectors, and then its place: two fast passes beat one slow one.
#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn in_rows<T: Copy + PartialOrd + Send + Sync>(
    dims: Axis,
    x: &[T],
    out: &mut [i64],
    best: impl Fn(&[T]) -> T + Sync,
) {
    assert!(dims.axis > 0 || out.is_empty(), "argmax or argmin of no elements");
    let rows = pool::grain(out.len(), 0.5 * dims.axis as f64 + 5.0);
    pool::for_slices(out, rows, |c, out| {
        for (o, row) in out.iter_mut().zip(x[c * rows * dims.axis..].chunks_exact(dims.axis)) {
            let best = best(row);
            let place = row.iter().position(|x| *x == best || x != x);
            *o = place.expect("the best is one of the row") as i64;
        }
    });
}

#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn reduce<T: Copy + PartialOrd + Send + Sync>(
    dims: Axis,
    x: &[T],
    out: &mut [i64],
    better: impl Fn(T, T) -> bool + Sync,
) {
    assert!(dims.axis > 0 || out.is_empty(), "argmax or argmin of no elements");
    dims.lines(x, out, 1.0, |line| {
        let mut best: Option<(usize, T)> = None;
        for (i, &x) in line.enumerate() {
            match best {
                // Nothing comes before a NaN.
                Some((_, b)) if b != b => break,
                Some((_, b)) if !(better(x, b) || x != x) => {}
                _ => best = Some((i, x)),
            }
        }
        best.map_or(0, |(i, _)| i as i64)
    });
}
