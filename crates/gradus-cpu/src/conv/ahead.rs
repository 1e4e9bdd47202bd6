//! Fetches the source of the next strip while the present one is computed.

/// Bytes of a cache line.
const LINE: usize = 64;

/// A walk over the lines of some rows of all channels, a few at a time.
#[derive(Debug)]
pub(super) struct Ahead<'a, T> {
    /// From the first element of the rows in the first channel on.
    source: &'a [T],
    /// Distance of channels.
    plane: usize,
    /// Lines of a channel, and in all.
    per_channel: usize,
    lines: usize,
    next: usize,
    per_call: usize,
}

impl<'a, T> Ahead<'a, T> {
    /// The first `span` elements of each of `channels`, within about `calls` calls.
    pub(super) fn new(
        source: &'a [T],
        plane: usize,
        (span, channels): (usize, usize),
        calls: usize,
    ) -> Self {
        let per_channel = (span * size_of::<T>()).div_ceil(LINE);
        let lines = per_channel * channels;
        Self { source, plane, per_channel, lines, next: 0, per_call: lines.div_ceil(calls.max(1)) }
    }

    /// Fetches the next lines.
    pub(super) fn go_on(&mut self) {
        for line in self.next..(self.next + self.per_call).min(self.lines) {
            let (channel, at) = (line / self.per_channel, line % self.per_channel);
            if let Some(x) = self.source.get(channel * self.plane + at * (LINE / size_of::<T>())) {
                fetch(x);
            }
        }
        self.next += self.per_call;
    }
}

/// Asks for a line to be brought into L2.
#[inline(always)]
fn fetch<T>(x: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: every x86-64 has the instruction, and it touches no memory that the program sees.
        unsafe { _mm_prefetch::<_MM_HINT_T1>((&raw const *x).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = x;
}
