//! Elements chosen by index, on contiguous `[outer, axis, inner]` views.
//!
//! Indices are checked before anything is written: a bad one is an error, never a panic.

use crate::elementwise::Arithmetic;
use crate::elementwise::add;
use crate::isa::{Kernel, dispatch};
use crate::pool;
use crate::{Error, Result};

/// Extents of a view whose middle axis is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extents {
    /// Product of the extents before the axis.
    pub outer: usize,
    /// Length of the axis that indices point into.
    pub axis: usize,
    /// How many indices there are along the axis.
    pub count: usize,
    /// Product of the extents after the axis.
    pub inner: usize,
}

impl Extents {
    fn source(&self) -> usize {
        self.outer * self.axis * self.inner
    }

    fn picked(&self) -> usize {
        self.outer * self.count * self.inner
    }
}

/// Finds the first index outside `0..axis`.
fn check(index: &[i64], axis: usize) -> Result<()> {
    match index.iter().position(|&i| i < 0 || i as u64 >= axis as u64) {
        Some(position) => Err(Error::IndexOutOfRange { index: index[position], position }),
        None => Ok(()),
    }
}

/// `out[o, c, i] = x[o, index[c], i]`: whole slices, as in an embedding table.
///
/// # Errors
/// [`Error::IndexOutOfRange`], with `out` unchanged.
///
/// # Panics
/// If a length does not fit `dims`.
///
/// # Examples
/// ```
/// use gradus_cpu::index::{Extents, index_select};
/// let dims = Extents { outer: 1, axis: 3, count: 2, inner: 2 };
/// let mut out = [0; 4];
/// index_select(dims, &[10, 11, 20, 21, 30, 31], &[2, 0], &mut out)?;
/// assert_eq!(out, [30, 31, 10, 11]);
/// # Ok::<(), gradus_cpu::Error>(())
/// ```
pub fn index_select<T: Copy + Send + Sync>(
    dims: Extents,
    x: &[T],
    index: &[i64],
    out: &mut [T],
) -> Result<()> {
    assert_eq!(x.len(), dims.source(), "index_select: length of x");
    assert_eq!(out.len(), dims.picked(), "index_select: length of out");
    assert_eq!(index.len(), dims.count, "index_select: length of index");
    check(index, dims.axis)?;
    if out.is_empty() {
        return Ok(());
    }
    let Extents { axis, count, inner, .. } = dims;
    let slices = pool::grain(out.len() / inner, 0.2 * inner as f64 + 3.0);
    pool::for_slices(out, slices * inner, |c, out| {
        for (s, out) in out.chunks_mut(inner).enumerate() {
            let (outer, at) = ((c * slices + s) / count, (c * slices + s) % count);
            out.copy_from_slice(&x[(outer * axis + index[at] as usize) * inner..][..inner]);
        }
    });
    Ok(())
}

/// `out[o, index[c], i] += src[o, c, i]`, in rising c: the gradient of [`index_select`].
///
/// # Errors
/// [`Error::IndexOutOfRange`], with `out` unchanged.
///
/// # Panics
/// If a length does not fit `dims`.
pub fn index_add<T: Arithmetic>(
    dims: Extents,
    src: &[T],
    index: &[i64],
    out: &mut [T],
) -> Result<()> {
    assert_eq!(out.len(), dims.source(), "index_add: length of out");
    assert_eq!(src.len(), dims.picked(), "index_add: length of src");
    assert_eq!(index.len(), dims.count, "index_add: length of index");
    check(index, dims.axis)?;
    if src.is_empty() {
        return Ok(());
    }
    let Extents { outer, axis, count, inner } = dims;
    // Threads share out the slices of `out`. Each looks through all indices for those of its own,
    // so the order of additions into a slice is that of the indices.
    let slices = outer * axis;
    let cost = count as f64 * (0.2 * inner as f64 + 3.0) / axis as f64;
    let pays = inner >= 16 && pool::grain(slices, cost) < slices;
    let share = if pays { slices.div_ceil(pool::threads()) } else { slices };
    pool::for_slices(out, share * inner, |chunk, out| {
        let first = chunk * share;
        for (o, src) in src.chunks(count * inner).enumerate() {
            for (&at, src) in index.iter().zip(src.chunks(inner)) {
                // What lies before `first` wraps around and is beyond the end.
                let place = (o * axis + at as usize).wrapping_sub(first);
                if place < out.len() / inner {
                    dispatch(Plus { src, out: &mut out[place * inner..][..inner] });
                }
            }
        }
    });
    Ok(())
}

/// `out += src`.
struct Plus<'a, T> {
    src: &'a [T],
    out: &'a mut [T],
}

impl<T: Arithmetic> Kernel for Plus<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, s) in self.out.iter_mut().zip(self.src) {
            *o = add(*o, *s);
        }
    }
}

/// `out[o, c, i] = x[o, index[o, c, i], i]`.
///
/// # Errors
/// [`Error::IndexOutOfRange`], with `out` unchanged.
///
/// # Panics
/// If a length does not fit `dims`.
///
/// # Examples
/// ```
/// use gradus_cpu::index::{Extents, gather};
/// let dims = Extents { outer: 2, axis: 3, count: 1, inner: 1 };
/// let mut out = [0.0; 2];
/// gather(dims, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 0], &mut out)?;
/// assert_eq!(out, [3.0, 4.0]);
/// # Ok::<(), gradus_cpu::Error>(())
/// ```
pub fn gather<T: Copy + Send + Sync>(
    dims: Extents,
    x: &[T],
    index: &[i64],
    out: &mut [T],
) -> Result<()> {
    assert_eq!(x.len(), dims.source(), "gather: length of x");
    assert!(
        out.len() == dims.picked() && index.len() == out.len(),
        "gather: lengths of out, index"
    );
    check(index, dims.axis)?;
    if out.is_empty() {
        return Ok(());
    }
    let Extents { axis, count, inner, .. } = dims;
    let slices = pool::grain(out.len() / inner, 2.0 * inner as f64 + 3.0);
    pool::for_slices(out, slices * inner, |c, out| {
        let index = &index[c * slices * inner..];
        for (s, (out, index)) in out.chunks_mut(inner).zip(index.chunks(inner)).enumerate() {
            let x = &x[(c * slices + s) / count * axis * inner..];
            for (i, (o, at)) in out.iter_mut().zip(index).enumerate() {
                *o = x[*at as usize * inner + i];
            }
        }
    });
    Ok(())
}

/// `out[o, index[o, c, i], i] += src[o, c, i]`, in rising c: the gradient of [`gather`].
///
/// The order of additions is fixed, so the bits do not depend on threads.
///
/// # Errors
/// [`Error::IndexOutOfRange`], with `out` unchanged.
///
/// # Panics
/// If a length does not fit `dims`.
pub fn scatter_add<T: Arithmetic>(
    dims: Extents,
    src: &[T],
    index: &[i64],
    out: &mut [T],
) -> Result<()> {
    assert_eq!(out.len(), dims.source(), "scatter_add: length of out");
    assert!(
        src.len() == dims.picked() && index.len() == src.len(),
        "scatter_add: lengths of src, index"
    );
    check(index, dims.axis)?;
    if src.is_empty() {
        return Ok(());
    }
    let Extents { axis, count, inner, outer } = dims;
    // Rows of `outer` share no output, so threads may take them apart.
    let rows = pool::grain(outer, 3.0 * (count * inner) as f64);
    pool::for_slices(out, rows * axis * inner, |chunk, out| {
        for (r, out) in out.chunks_mut(axis * inner).enumerate() {
            let from = (chunk * rows + r) * count * inner..(chunk * rows + r + 1) * count * inner;
            for (k, (s, at)) in src[from.clone()].iter().zip(&index[from]).enumerate() {
                let o = &mut out[*at as usize * inner + k % inner];
                *o = add(*o, *s);
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn picked_elements_and_added_gradients_agree_with_loops(
            outer in 0usize..4, axis in 1usize..6, count in 0usize..7, inner in 0usize..4,
            picks in proptest::collection::vec(any::<u8>(), 4 * 7 * 4), threads in 1usize..4,
        ) {
            let dims = Extents { outer, axis, count, inner };
            let x: Vec<i64> = (0..dims.source() as i64).collect();
            let full: Vec<i64> =
                (0..dims.picked()).map(|i| i64::from(picks[i]) % axis as i64).collect();
            let row: Vec<i64> = (0..count).map(|i| i64::from(picks[i]) % axis as i64).collect();
            let at = |o: usize, c: usize, i: usize| (o * count + c) * inner + i;
            let into = |o: usize, a: i64, i: usize| (o * axis + a as usize) * inner + i;
            let src: Vec<i64> = (0..dims.picked() as i64).map(|i| i * i + 1).collect();
            let (mut got_gather, mut got_select) = (vec![0; src.len()], vec![0; src.len()]);
            let (mut got_scatter, mut got_add) = (x.clone(), x.clone());
            pool::with_threads(threads, || {
                gather(dims, &x, &full, &mut got_gather).unwrap();
                index_select(dims, &x, &row, &mut got_select).unwrap();
                scatter_add(dims, &src, &full, &mut got_scatter).unwrap();
                index_add(dims, &src, &row, &mut got_add).unwrap();
            });
            let (mut scatter, mut added) = (x.clone(), x.clone());
            for o in 0..outer {
                for c in 0..count {
                    for i in 0..inner {
                        let k = at(o, c, i);
                        prop_assert_eq!(got_gather[k], x[into(o, full[k], i)]);
                        prop_assert_eq!(got_select[k], x[into(o, row[c], i)]);
                        scatter[into(o, full[k], i)] += src[k];
                        added[into(o, row[c], i)] += src[k];
                    }
                }
            }
            prop_assert_eq!(got_scatter, scatter);
            prop_assert_eq!(got_add, added);
        }
    }

    #[test]
    fn rows_of_a_table_are_shared_out_among_threads() {
        let dims = Extents { outer: 2, axis: 50, count: 3000, inner: 33 };
        let index: Vec<i64> = (0..3000).map(|i| i * i % 47).collect();
        let src: Vec<f32> = (0..dims.picked()).map(|i| (i as f32 * 0.37).fract()).collect();
        let run = |threads| {
            let mut out = vec![0.5f32; dims.source()];
            pool::with_threads(threads, || index_add(dims, &src, &index, &mut out).unwrap());
            out
        };
        let mut want = vec![0.5f32; dims.source()];
        for (k, s) in src.iter().enumerate() {
            let (o, c, i) = (k / (3000 * 33), k / 33 % 3000, k % 33);
            want[(o * 50 + index[c] as usize) * 33 + i] += s;
        }
        for threads in [1, 2, 3, 8] {
            assert!(run(threads) == want, "{threads} threads");
        }
    }

    #[test]
    fn the_first_bad_index_is_named_and_nothing_is_written() {
        let dims = Extents { outer: 1, axis: 3, count: 3, inner: 1 };
        let bad = Err(Error::IndexOutOfRange { index: 3, position: 1 });
        let mut out = [9.0f32; 3];
        let x = [1.0, 2.0, 3.0];
        assert_eq!(gather(dims, &x, &[0, 3, -1], &mut out), bad);
        assert_eq!(index_select(dims, &x, &[0, 3, -1], &mut out), bad);
        assert_eq!(scatter_add(dims, &x, &[0, 3, -1], &mut out), bad);
        assert_eq!(index_add(dims, &x, &[0, 3, -1], &mut out), bad);
        assert_eq!(out, [9.0; 3]);
    }
}
