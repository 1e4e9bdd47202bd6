//! The extents of a run over a sequence.

use std::ops::Range;

use super::Cell;
use crate::pool;

/// Shares are a whole number of these units: a tile of a product.
const TILE: usize = 32;

/// The direction of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// From the first step to the last.
    #[default]
    Forward,
    /// From the last step of each row to its first.
    Reverse,
}

/// What is run over what.
#[derive(Debug, Clone, Copy)]
pub struct Sequence<'a> {
    /// The recurrence.
    pub cell: Cell,
    /// Steps T.
    pub steps: usize,
    /// Rows B.
    pub batch: usize,
    /// Numbers per row and step, F.
    pub inputs: usize,
    /// Units H.
    pub hidden: usize,
    /// The direction of time.
    pub order: Order,
    /// Steps of each row, at most T; `None`: all T.
    pub lengths: Option<&'a [usize]>,
}

impl Sequence<'_> {
    /// Elements of one slot of `states`: B·H.
    pub const fn slot(&self) -> usize {
        self.batch * self.hidden
    }

    /// Elements of `states`, and of `memories` where there are any: (T + 1)·B·H.
    pub const fn states_len(&self) -> usize {
        (self.steps + 1) * self.slot()
    }

    /// Elements of `memories`.
    pub const fn memories_len(&self) -> usize {
        if self.cell.has_memory() { self.states_len() } else { 0 }
    }

    /// Kept numbers of one row of one step.
    pub const fn kept_row(&self) -> usize {
        self.cell.kept() * self.hidden
    }

    /// Elements of `kept`: T·B rows.
    pub const fn kept_len(&self) -> usize {
        self.steps * self.batch * self.kept_row()
    }

    /// The slot of the start, and of the end.
    pub const fn ends(&self) -> (usize, usize) {
        match self.order {
            Order::Forward => (0, self.steps),
            Order::Reverse => (self.steps, 0),
        }
    }

    /// The slots before and after step `t`.
    pub(super) const fn slots(&self, t: usize) -> (usize, usize) {
        match self.order {
            Order::Forward => (t, t + 1),
            Order::Reverse => (t + 1, t),
        }
    }

    /// The `s`-th step that is run.
    pub(super) const fn time(&self, s: usize) -> usize {
        match self.order {
            Order::Forward => s,
            Order::Reverse => self.steps - 1 - s,
        }
    }

    /// Whether a row has a step `t`.
    #[inline(always)]
    pub(super) fn has(&self, row: usize, t: usize) -> bool {
        self.lengths.is_none_or(|lengths| t < lengths[row])
    }

    /// How many rows, counted from the first, contain all that have a step `t`: with falling
    /// lengths no row is computed in vain.
    pub(super) fn rows(&self, t: usize) -> usize {
        let last = |lengths: &[usize]| lengths.iter().rposition(|&len| t < len);
        self.lengths.map_or(self.batch, |lengths| last(lengths).map_or(0, |row| row + 1))
    }

    /// Units that one task computes, in whole tiles: all while a step is too short for a second thread.
    pub(super) fn share(&self) -> usize {
        /// Multiply-adds per nanosecond, roughly.
        const SPEED: f64 = 30.0;
        let macs = self.batch as f64 * (self.cell.gates() * self.hidden * self.hidden) as f64;
        let tasks = pool::threads().min((macs / SPEED / 10_000.0) as usize).max(1);
        self.hidden.div_ceil(tasks).next_multiple_of(TILE)
    }

    /// Runs `f` for the units of every share, on as many threads.
    pub(super) fn each_share(&self, share: usize, f: impl Fn(Range<usize>) + Sync) {
        if share >= self.hidden {
            return f(0..self.hidden);
        }
        pool::for_chunks(self.hidden.div_ceil(share), |i| {
            let first = i * share;
            // A share is one thread's work: its products are not cut further.
            pool::with_threads(1, || f(first..self.hidden.min(first + share)));
        });
    }

    pub(super) fn check(&self) {
        if let Some(lengths) = self.lengths {
            assert_eq!(lengths.len(), self.batch, "recurrent: one length per row");
            assert!(lengths.iter().all(|&len| len <= self.steps), "recurrent: length beyond T");
        }
    }
}
