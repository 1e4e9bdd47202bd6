//! What the pool holds.

use super::{back, front};

/// Bytes of the pool, by what they do. A block counts with the size of its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Bytes of the blocks that somebody holds. Small blocks in the lists of other threads may be
    /// counted here or as idle, up to 64 KiB per thread.
    pub in_use: usize,
    /// Bytes of the blocks that wait for their next use.
    pub idle: usize,
    /// The largest number of bytes that were out at once since the start or [`reset_peak`]: in use,
    /// or in the list of a thread (at most 4 MiB each).
    pub peak: usize,
}

/// How many bytes are in use and idle now, and were in use at most.
///
/// Memory that the pool did not make, such as a `Vec` that became a block, is not counted.
pub fn report() -> Report {
    let held = front::held_bytes();
    let back = back::lock();
    let in_use = back.out_bytes.saturating_sub(held);
    Report { in_use, idle: back.idle_bytes + held, peak: back.peak_bytes }
}

/// Lets [`Report::peak`] begin anew, from what is in use now.
pub fn reset_peak() {
    let mut back = back::lock();
    back.peak_bytes = back.out_bytes;
}

/// Gives all idle blocks back to the system.
///
/// Small blocks in the lists of other threads follow when those threads next free a block, and reach
/// the system with the next `trim`.
pub fn trim() {
    front::clear_all();
    back::trim();
}
