//! The outputs of a strip as registers: which places each computes, and where they go.

use std::ops::Range;

/// One register of places.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The places of the first lanes of its two halves.
    pub(super) halves: [usize; 2],
    /// Lanes that may be read. A piece with fewer than all has both halves together.
    pub(super) lanes: usize,
    /// Its parts that are outputs.
    pub(super) runs: Range<usize>,
}

/// Neighbouring lanes that are neighbouring outputs of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) lane: usize,
    pub(super) len: usize,
    /// Output row of the strip and column.
    pub(super) row: usize,
    pub(super) column: usize,
}

/// All registers of a strip.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) pieces: Vec<Piece>,
    pub(super) runs: Vec<Run>,
}

impl Pieces {
    /// Covers `rows` rows of `width` outputs, rows `pitch` places apart. A half of a register can
    /// begin anywhere, so places that are no outputs are skipped and few lanes are idle.
    pub(super) fn new(rows: usize, width: usize, pitch: usize, lanes: usize) -> Self {
        let end = rows.saturating_sub(1) * pitch + width.min(rows * width);
        let mut all = Self::default();
        if end < lanes {
            all.runs(0..end, 0, (width, pitch), 0);
            if end > 0 {
                let runs = 0..all.runs.len();
                all.pieces.push(Piece { halves: [0, lanes / 2], lanes: end, runs });
            }
            return all;
        }
        let half = lanes / 2;
        let (mut at, mut first) = (0, 0);
        while let Some(low) = all.half(&mut at, end, (0, half), (width, pitch), first) {
            // An idle half repeats the other.
            let high = all.half(&mut at, end, (half, half), (width, pitch), first).unwrap_or(low);
            let runs = first..all.runs.len();
            first = runs.end;
            all.pieces.push(Piece { halves: [low, high], lanes, runs });
        }
        all
    }

    /// The first place of the next half, whose lanes begin at `lane`, and its runs, which may go on
    /// a run from `first` on.
    fn half(
        &mut self,
        at: &mut usize,
        end: usize,
        (lane, half): (usize, usize),
        (width, pitch): (usize, usize),
        first: usize,
    ) -> Option<usize> {
        if *at % pitch >= width {
            // Nothing to compute before the next row.
            *at = at.next_multiple_of(pitch);
        }
        if *at >= end {
            return None;
        }
        // The last half begins early rather than reading beyond the end.
        let start = (*at).min(end - half);
        let places = *at..start + half;
        *at = places.end;
        let lane = lane + places.start - start;
        self.runs(places, lane, (width, pitch), first);
        Some(start)
    }

    /// Adds the runs of some places, whose lanes begin at `lane`.
    fn runs(
        &mut self,
        places: Range<usize>,
        lane: usize,
        (width, pitch): (usize, usize),
        first: usize,
    ) {
        let mut at = places.start;
        while at < places.end {
            let (row, column) = (at / pitch, at % pitch);
            if column >= width {
                at = (row + 1) * pitch;
                continue;
            }
            let run = Run {
                lane: lane + at - places.start,
                len: (width - column).min(places.end - at),
                row,
                column,
            };
            at += run.len;
            match self.runs[first..].last_mut() {
                Some(last) if last.goes_on_in(&run) => last.len += run.len,
                _ => self.runs.push(run),
            }
        }
    }
}

impl Run {
    fn goes_on_in(&self, next: &Self) -> bool {
        let end = [self.row, self.column + self.len, self.lane + self.len];
        end == [next.row, next.column, next.lane]
    }
}
