//! Disjoint pieces of outputs for the threads.

use std::marker::PhantomData;

use super::{for_chunks, threads};

/// A mutable slice that threads share, each promising to touch other elements.
pub(crate) struct SharedMut<'a, T> {
    start: *mut T,
    len: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: elements are reached only through the unsafe methods, whose callers promise that no
// element is reached from two threads; sending `&mut` to an element asks for `T: Send`.
unsafe impl<T: Send> Sync for SharedMut<'_, T> {}

impl<'a, T> SharedMut<'a, T> {
    pub(crate) fn new(slice: &'a mut [T]) -> Self {
        Self { start: slice.as_mut_ptr(), len: slice.len(), slice: PhantomData }
    }

    pub(crate) fn as_ptr(&self) -> *mut T {
        self.start
    }

    /// Elements `start .. start + len`.
    ///
    /// # Safety
    /// - No other reference to one of these elements is alive.
    ///
    /// # Panics
    /// If the range leaves the slice.
    pub(crate) unsafe fn range(&self, start: usize, len: usize) -> &'a mut [T] {
        assert!(start <= self.len && len <= self.len - start, "range leaves the slice");
        // SAFETY: the range is inside the slice by the check above, and unshared by the contract.
        unsafe { std::slice::from_raw_parts_mut(self.start.wrapping_add(start), len) }
    }
}

/// Cuts `out` into pieces of `chunk_len` elements (the last may be shorter) and calls
/// `f(index, piece)` for each, on the pool when there is more than one.
///
/// # Panics
/// If `chunk_len` is zero and `out` is not empty, or if a call panics.
///
/// # Examples
/// ```
/// let mut out = [0; 5];
/// gradus_cpu::pool::for_slices(&mut out, 2, |i, piece| piece.fill(i));
/// assert_eq!(out, [0, 0, 1, 1, 2]);
/// ```
pub fn for_slices<T: Send>(out: &mut [T], chunk_len: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if out.is_empty() {
        return;
    }
    if out.len() <= chunk_len {
        return f(0, out);
    }
    assert!(chunk_len > 0, "for_slices: chunk_len is zero");
    let (len, chunks) = (out.len(), out.len().div_ceil(chunk_len));
    let shared = SharedMut::new(out);
    for_chunks(chunks, |i| {
        let start = i * chunk_len;
        // SAFETY: every index runs once, and the ranges of different indices do not overlap.
        let piece = unsafe { shared.range(start, chunk_len.min(len - start)) };
        f(i, piece);
    });
}

/// As [`for_slices`], for two outputs cut into the same number of pieces.
///
/// # Panics
/// If the outputs do not give the same number of pieces, a chunk length is zero, or a call panics.
pub fn for_slices2<T: Send, U: Send>(
    (a, a_chunk): (&mut [T], usize),
    (b, b_chunk): (&mut [U], usize),
    f: impl Fn(usize, &mut [T], &mut [U]) + Sync,
) {
    if a.is_empty() && b.is_empty() {
        return;
    }
    assert!(a_chunk > 0 && b_chunk > 0, "for_slices2: a chunk length is zero");
    let chunks = a.len().div_ceil(a_chunk);
    assert_eq!(chunks, b.len().div_ceil(b_chunk), "for_slices2: piece counts differ");
    let (a_len, b_len) = (a.len(), b.len());
    let (a, b) = (SharedMut::new(a), SharedMut::new(b));
    for_chunks(chunks, |i| {
        // SAFETY: every index runs once, and the ranges of different indices do not overlap.
        let a = unsafe { a.range(i * a_chunk, a_chunk.min(a_len - i * a_chunk)) };
        // SAFETY: as above.
        let b = unsafe { b.range(i * b_chunk, b_chunk.min(b_len - i * b_chunk)) };
        f(i, a, b);
    });
}

/// Below this much estimated work, other threads cost more than they gain: handing a share to a
/// worker that still spins from the last kernel takes 0.4 µs, waking one that sleeps a few.
const SERIAL_NS: f64 = 8_000.0;

/// A chunk length for `len` items of about `ns_per_item` nanoseconds each: all of them when the
/// work is small, else a few chunks per thread.
///
/// Only for work whose bits do not depend on the cut.
pub fn grain(len: usize, ns_per_item: f64) -> usize {
    let threads = threads();
    if threads == 1 || len as f64 * ns_per_item < SERIAL_NS {
        return len.max(1);
    }
    let least = (0.25 * SERIAL_NS / ns_per_item) as usize;
    len.div_ceil(4 * threads).max(least).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::with_threads;
    use super::*;

    #[test]
    fn pieces_cover_the_output_in_order() {
        for threads in [1, 3] {
            with_threads(threads, || {
                let (mut a, mut b) = (vec![0; 103], vec![0; 52]);
                for_slices(&mut a, 10, |i, piece| piece.fill(i));
                assert!(a.iter().enumerate().all(|(k, i)| k / 10 == *i));
                for_slices2((&mut a, 8), (&mut b, 4), |i, x, y| {
                    x.fill(i);
                    y.fill(i + 1);
                });
                assert!(a.iter().enumerate().all(|(k, i)| k / 8 == *i));
                assert!(b.iter().enumerate().all(|(k, i)| k / 4 + 1 == *i));
            });
        }
    }

    #[test]
    fn small_work_is_one_chunk() {
        with_threads(4, || {
            assert_eq!(grain(1000, 1.0), 1000);
            assert!(grain(1_000_000, 1.0) < 1_000_000);
        });
        assert_eq!(grain(0, 1.0), 1);
    }
}
