//! Lines of a stream that is read ahead.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes bytes on and remembers where lines end, until they are asked for.
pub(super) struct LineEnds<R> {
    input: R,
    n_read: u64,
    /// Line feeds before the first remembered end.
    n_lines: u64,
    /// Place and byte of line feeds and carriage returns that were read.
    ends: VecDeque<(u64, u8)>,
}

impl<R> LineEnds<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, n_read: 0, n_lines: 0, ends: VecDeque::new() }
    }

    /// The line, counted from 1, on which a record lies that starts at this byte or after line ends
    /// that follow it. What precedes the byte is forgotten.
    pub(super) fn line(&mut self, start: u64) -> u64 {
        while let Some(&(place, byte)) = self.ends.front()
            && place < start
        {
            self.n_lines += u64::from(byte == b'\n');
            self.ends.pop_front();
        }
        let run = self.ends.iter().zip(start..).take_while(|((place, _), at)| place == at);
        1 + self.n_lines + run.filter(|((_, byte), _)| *byte == b'\n').count() as u64
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        for (byte, place) in buffer[..n].iter().zip(self.n_read..) {
            if matches!(byte, b'\n' | b'\r') {
                self.ends.push_back((place, *byte));
            }
        }
        self.n_read += n as u64;
        Ok(n)
    }
}
