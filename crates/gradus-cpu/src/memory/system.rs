//! Fresh memory from the system, and its way back.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::class::{Class, LINE};

/// The size of a huge page, and of the smallest block that asks for them.
const HUGE: usize = 2 << 20;

/// A piece of memory that nobody else reaches: initialised, aligned to a line, of its class's size.
///
/// It does not free itself: whoever holds one passes it on or calls [`release`].
#[derive(Debug)]
pub(super) struct Raw(NonNull<u8>);

// SAFETY: the memory belongs to the holder alone, and freeing it from another thread is allowed.
unsafe impl Send for Raw {}

impl Raw {
    /// The first byte.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.0
    }

    /// The piece that begins at `start`.
    ///
    /// # Safety
    /// - `start` comes from [`Raw::start`] of a piece that has been forgotten.
    pub(super) unsafe fn from_start(start: NonNull<u8>) -> Self {
        Self(start)
    }
}

/// Fresh memory, all zeros. The process ends if there is none, as with any allocation.
pub(super) fn fresh(class: Class) -> Raw {
    let bytes = class.bytes();
    if bytes >= HUGE
        && let Some(mapped) = map(bytes)
    {
        return Raw(mapped);
    }
    exact(bytes)
}

/// Fresh memory of a size that is no class; zeroed.
pub(super) fn exact(bytes: usize) -> Raw {
    // SAFETY: the size is not zero, since nothing needs no memory.
    let start = unsafe { alloc_zeroed(layout(bytes)) };
    Raw(NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout(bytes))))
}

/// Gives memory of [`exact`] back.
pub(super) fn release_exact(raw: Raw, bytes: usize) {
    // SAFETY: `exact` allocated it with this layout.
    unsafe { dealloc(raw.0.as_ptr(), layout(bytes)) };
}

/// Gives memory back to the system.
pub(super) fn release(raw: Raw, class: Class) {
    let bytes = class.bytes();
    if bytes >= HUGE && unmap(raw.0, bytes) {
        return;
    }
    // `fresh` maps the same classes as are unmapped, and had the others from `exact`.
    release_exact(raw, bytes);
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, LINE).expect("blocks end far below the largest size")
}

/// Zeroed pages that begin at a multiple of a huge page and ask for huge ones.
///
/// Where the system cannot give them, the process ends in [`handle_alloc_error`]: to fall back to
/// the other allocator would lose track of who has to free what.
#[cfg(target_os = "linux")]
fn map(bytes: usize) -> Option<NonNull<u8>> {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    let whole = bytes + HUGE;
    // SAFETY: a new private mapping at a place of the system's choice touches nothing that exists.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), whole, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        handle_alloc_error(layout(bytes));
    }
    let start = start.cast::<u8>();
    let before = start.align_offset(HUGE);
    let (first, end) = (start.wrapping_add(before), start.wrapping_add(before + bytes));
    cut(start, before);
    cut(end, whole - before - bytes);
    // Advice may be refused, where huge pages are switched off; the memory is good without it.
    // SAFETY: the range is inside the mapping that this function has just made.
    unsafe { libc::madvise(first.cast(), bytes, libc::MADV_HUGEPAGE) };
    NonNull::new(first)
}

/// Unmaps one end of a fresh mapping.
#[cfg(target_os = "linux")]
fn cut(start: *mut u8, bytes: usize) {
    if bytes > 0 {
        // SAFETY: `map` has just made this range, whole pages of it, and has not given it away.
        unsafe { libc::munmap(start.cast(), bytes) };
    }
}

/// Whether the memory was mapped by [`map`], and is now gone.
#[cfg(target_os = "linux")]
fn unmap(start: NonNull<u8>, bytes: usize) -> bool {
    // SAFETY: `map` made this range, nobody else holds it, and its owner gives it up.
    let status = unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
    debug_assert_eq!(status, 0, "munmap of a block");
    true
}

#[cfg(not(target_os = "linux"))]
fn map(_bytes: usize) -> Option<NonNull<u8>> {
    None
}

#[cfg(not(target_os = "linux"))]
fn unmap(_start: NonNull<u8>, _bytes: usize) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_memory_is_zeroed_and_aligned() {
        for (bytes, align) in [(1, LINE), (100_000, LINE), (HUGE, LINE), (HUGE + 1, LINE)] {
            let class = Class::of(bytes).unwrap();
            let raw = fresh(class);
            let align =
                if cfg!(target_os = "linux") && class.bytes() >= HUGE { HUGE } else { align };
            assert_eq!(raw.start().as_ptr().align_offset(align), 0);
            // SAFETY: the block is initialised and as long as its class.
            let all = unsafe { std::slice::from_raw_parts(raw.start().as_ptr(), class.bytes()) };
            assert!(all.iter().all(|&x| x == 0));
            release(raw, class);
        }
    }
}
