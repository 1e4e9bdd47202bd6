//! Working memory for the time of a kernel, aligned for vector loads.

use bytemuck::{Pod, Zeroable};

use crate::memory::take;

/// One cache line, so that a vector of them is aligned to 64 bytes.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Line([u8; 64]);

impl Line {
    /// Zeroed lines for `len` elements.
    pub(crate) fn block<T>(len: usize) -> Vec<Self> {
        vec![Self([0; 64]); (len * size_of::<T>()).div_ceil(size_of::<Self>())]
    }
}

/// Lends `len` elements with unspecified contents. Nested calls get blocks of their own.
pub(crate) fn with<T: Pod, R>(len: usize, f: impl FnOnce(&mut [T]) -> R) -> R {
    let mut block = take::<i64>((len * size_of::<T>()).div_ceil(size_of::<i64>()));
    let all: &mut [T] = bytemuck::cast_slice_mut(&mut block);
    f(&mut all[..len])
}

#[cfg(test)]
mod tests {
    #[test]
    fn nested_blocks_are_distinct_and_aligned() {
        super::with(100, |a: &mut [f32]| {
            a.fill(1.0);
            super::with(7, |b: &mut [f64]| {
                b.fill(2.0);
                assert_eq!(b.as_ptr().align_offset(64), 0);
            });
            assert!(a.iter().all(|x| *x == 1.0));
        });
        assert_eq!(super::with(0, |none: &mut [f32]| none.len()), 0);
    }
}
