//! Lines of a strip: zeros, places of the source, zeros.
//!
//! Lines are often shorter than a few registers, where calls of `memcpy` and `memset` cost more than
//! the copies.

use crate::gemm::vector::Vector;

/// Which places go into the lines of one phase.
#[derive(Debug)]
pub(super) struct Lines<'a, T> {
    /// From the first place on.
    pub(super) source: &'a [T],
    /// Distance of the rows that the lines come from, and of the places in a row.
    pub(super) source_pitch: usize,
    pub(super) step: usize,
    /// Zeros before the places; what remains after them is zero, too.
    pub(super) lead: usize,
    /// Number of places.
    pub(super) len: usize,
    /// Elements of a line.
    pub(super) pitch: usize,
}

/// Writes whole lines.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(super) type CopyLines<T> = unsafe fn(&Lines<'_, T>, &mut [T]);

#[inline(always)]
pub(super) unsafe fn copy_lines<X: Vector>(lines: &Lines<'_, X::Elem>, out: &mut [X::Elem]) {
    let Lines { source, source_pitch, step, lead, len, pitch } = *lines;
    for (i, line) in out.chunks_exact_mut(pitch).enumerate() {
        let (left, rest) = line.split_at_mut(lead);
        let (middle, right) = rest.split_at_mut(len);
        for zeros in [left, right] {
            // SAFETY: passed on from the caller.
            unsafe { write::<X>(None, zeros) }
        }
        if len == 0 {
            continue;
        }
        let row = &source[i * source_pitch..];
        if step == 1 {
            // SAFETY: passed on from the caller.
            unsafe { write::<X>(Some(&row[..len]), middle) }
        } else {
            for (to, from) in middle.iter_mut().zip(row.iter().step_by(step)) {
                *to = *from;
            }
        }
    }
}

/// Copies `from`, which is as long as `to`, or writes zeros.
#[inline(always)]
unsafe fn write<X: Vector>(from: Option<&[X::Elem]>, to: &mut [X::Elem]) {
    debug_assert!(from.is_none_or(|from| from.len() == to.len()));
    for at in (0..to.len()).step_by(X::LANES) {
        // SAFETY: the instructions are there by the contract of `CopyLines`, here and below.
        let mask = unsafe { X::mask(to.len() - at) };
        let x = match from {
            // SAFETY: the mask ends where the slices end.
            Some(from) => unsafe { X::load_masked(from.as_ptr().wrapping_add(at), mask) },
            // SAFETY: as above.
            None => unsafe { X::zero() },
        };
        // SAFETY: as above.
        unsafe { x.store_masked(to.as_mut_ptr().wrapping_add(at), mask) }
    }
}
