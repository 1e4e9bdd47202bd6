//! Running sums.

use super::{Axis, Summand};
use crate::pool;

/// `out[o, a, i] = x[o, 0, i] + … + x[o, a, i]`, added in order in [`Summand::Total`].
///
/// # Panics
/// If a length is not `outer * axis * inner`.
///
/// # Examples
/// ```
/// use gradus_cpu::reduce::{Axis, cumsum};
/// let mut out = [0; 4];
/// cumsum(Axis::rows(2, 2), &[1i64, 2, 3, 4], &mut out);
/// assert_eq!(out, [1, 3, 3, 7]);
/// ```
pub fn cumsum<T: Summand>(dims: Axis, x: &[T], out: &mut [T]) {
    let Axis { outer, axis, inner } = dims;
    assert_eq!(x.len(), outer * axis * inner, "cumsum: length of x");
    assert_eq!(x.len(), out.len(), "cumsum: length of out");
    if out.is_empty() {
        return;
    }
    let outers = pool::grain(outer, (axis * inner) as f64);
    pool::for_slices(out, outers * axis * inner, |c, out| {
        let x = &x[c * outers * axis * inner..][..out.len()];
        if inner == 1 {
            return rows(axis, x, out);
        }
        let mut totals = vec![T::ZERO; inner];
        for (out, x) in out.chunks_mut(axis * inner).zip(x.chunks(axis * inner)) {
            totals.fill(T::ZERO);
            for (out, x) in out.chunks_mut(inner).zip(x.chunks(inner)) {
                for ((o, x), total) in out.iter_mut().zip(x).zip(&mut totals) {
                    *total = T::add(*total, x.widen());
                    *o = T::narrow(*total);
                }
            }
        }
    });
}

/// Some rows at a time: the additions of one row have to wait for each other.
fn rows<T: Summand>(axis: usize, x: &[T], out: &mut [T]) {
    const TOGETHER: usize = 8;
    for (out, x) in out.chunks_mut(TOGETHER * axis).zip(x.chunks(TOGETHER * axis)) {
        let mut totals = [T::ZERO; TOGETHER];
        if out.len() == TOGETHER * axis {
            for i in 0..axis {
                for (r, total) in totals.iter_mut().enumerate() {
                    *total = T::add(*total, x[r * axis + i].widen());
                    out[r * axis + i] = T::narrow(*total);
                }
            }
            continue;
        }
        for (out, x) in out.chunks_mut(axis).zip(x.chunks(axis)) {
            let mut total = T::ZERO;
            for (o, x) in out.iter_mut().zip(x) {
                total = T::add(total, x.widen());
                *o = T::narrow(total);
            }
        }
    }
}
