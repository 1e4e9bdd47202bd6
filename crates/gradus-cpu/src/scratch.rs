//! Working memory that a thread keeps between kernels, aligned for vector loads.

use std::cell::Cell;

use bytemuck::{Pod, Zeroable};

/// One cache line, so that the buffer is aligned to 64 bytes.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Line([u8; 64]);

impl Line {
    /// Zeroed lines for `len` elements.
    pub(crate) fn block<T>(len: usize) -> Vec<Self> {
        vec![Self([0; 64]); (len * size_of::<T>()).div_ceil(size_of::<Self>())]
    }
}

thread_local! {
    /// Idle buffers; the one used last is taken first, so nested users find theirs again.
    static IDLE: Cell<Vec<Vec<Line>>> = const { Cell::new(Vec::new()) };
}

/// Buffers beyond this are not kept: they would hold memory that is rarely needed again.
const KEEP_BYTES: usize = 16 << 20;

/// Lends `len` elements with unspecified contents. Nested calls get blocks of their own.
pub(crate) fn with<T: Pod, R>(len: usize, f: impl FnOnce(&mut [T]) -> R) -> R {
    if len == 0 {
        return f(&mut []);
    }
    let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
    let mut idle = IDLE.take();
    let mut buffer = idle.pop().unwrap_or_default();
    IDLE.set(idle);
    if buffer.len() < lines {
        buffer.resize(lines, Line([0; 64]));
    }
    let all: &mut [T] = bytemuck::cast_slice_mut(&mut buffer[..lines]);
    let result = f(&mut all[..len]);
    if buffer.len() * size_of::<Line>() <= KEEP_BYTES {
        let mut idle = IDLE.take();
        idle.push(buffer);
        IDLE.set(idle);
    }
    result
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
    }
}
