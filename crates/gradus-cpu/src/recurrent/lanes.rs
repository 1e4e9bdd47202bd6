//! Pieces of rows as arrays, which the compiler keeps in vector registers.

use bytemuck::Pod;

/// Units that are computed together.
pub(super) const LANES: usize = 16;

/// A piece of a row.
pub(super) type Lanes<T> = [T; LANES];

/// `at .. at + n` of a row, then zeros.
#[inline(always)]
pub(super) fn load<T: Pod>(row: &[T], at: usize, n: usize) -> Lanes<T> {
    if n == LANES {
        return *row[at..].first_chunk().expect("the row holds the piece");
    }
    let mut lanes = [T::zeroed(); LANES];
    lanes[..n].copy_from_slice(&row[at..at + n]);
    lanes
}

/// Writes the first `n` lanes.
#[inline(always)]
pub(super) fn store<T: Pod>(lanes: &Lanes<T>, out: &mut [T], at: usize, n: usize) {
    if n == LANES {
        *out[at..].first_chunk_mut().expect("the row holds the piece") = *lanes;
    } else {
        out[at..at + n].copy_from_slice(&lanes[..n]);
    }
}
