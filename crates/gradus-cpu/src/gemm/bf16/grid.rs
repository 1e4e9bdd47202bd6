//! How outputs are cut into tasks. It may depend on the number of threads: no cut changes the bits.

use std::ops::Range;

use super::super::Dims;
use super::layout::WIDTH;
use super::product::{FEW_ROWS, Product};
use crate::pool;

/// Rows and columns of a task: its operands over some hundred k and its sums fit into L2.
pub(super) const ROWS: usize = 192;
pub(super) const COLS: usize = 256;
/// Columns of a task with few rows, where a panel is used once.
const COLS_OF_FEW: usize = 128;

/// Rectangles of one size, which cover `m × n`.
pub(super) struct Grid {
    m: usize,
    n: usize,
    rows: usize,
    cols: usize,
}

impl Grid {
    /// For every product of a batch that takes `ns` each.
    pub(super) fn of_batch(product: &Product, batch: usize, ns: f64) -> Self {
        let Dims { m, n, .. } = product.dims;
        let height = product.engine.height(m);
        let widest = if m <= FEW_ROWS { COLS_OF_FEW } else { COLS };
        let grid = Self { m, n, rows: m.min(ROWS / height * height), cols: n.min(widest) };
        // Parts for every thread, but none below 10 µs.
        let most = (ns / 10_000.0) as usize;
        grid.cut((2 * pool::threads()).div_ceil(batch).min(most), (height, WIDTH))
    }

    /// Halves parts until there are `want`, or they are as small as `least`.
    fn cut(mut self, want: usize, (rows, cols): (usize, usize)) -> Self {
        while self.len() < want {
            if self.cols > cols && (self.cols >= self.rows || self.rows <= rows) {
                self.cols = (self.cols / 2).next_multiple_of(cols);
            } else if self.rows > rows {
                self.rows = (self.rows / 2).next_multiple_of(rows);
            } else {
                break;
            }
        }
        self
    }

    pub(super) fn len(&self) -> usize {
        self.m.div_ceil(self.rows) * self.n.div_ceil(self.cols)
    }

    /// Rows and columns of a task; neighbours in the list share their columns.
    pub(super) fn place(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let down = self.m.div_ceil(self.rows);
        let (i, j) = (task % down * self.rows, task / down * self.cols);
        (i..self.m.min(i + self.rows), j..self.n.min(j + self.cols))
    }
}

/// Tasks of a large product: rows first, since a task packs its rows.
pub(super) struct Rows {
    m: usize,
    n: usize,
    height: usize,
    down: usize,
    across: usize,
}

impl Rows {
    /// For `m` rows in blocks of `height`, and `n` columns.
    ///
    /// On several threads the number of tasks is a multiple of theirs, so that all end together.
    pub(super) fn of_large(m: usize, height: usize, n: usize) -> Self {
        let (blocks, threads) = (m.div_ceil(height), pool::threads());
        let mut rows = Self { m, n, height, down: blocks.div_ceil(ROWS / height), across: 1 };
        if threads > 1 {
            let want = rows.down.max(4 * threads).next_multiple_of(threads);
            rows.down = want.min(blocks.div_ceil(32_usize.div_ceil(height)));
            rows.across = want.div_ceil(rows.down).min(n.div_ceil(2 * WIDTH));
        }
        rows
    }

    pub(super) const fn len(&self) -> usize {
        self.down * self.across
    }

    /// Rows and columns of a task: parts differ by one block or panel at most.
    pub(super) fn place(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let part = |i: usize, parts: usize, len: usize, unit: usize| {
            let at = |i: usize| (i * len.div_ceil(unit) / parts * unit).min(len);
            at(i)..at(i + 1)
        };
        let rows = part(task % self.down, self.down, self.m, self.height);
        (rows, part(task / self.down, self.across, self.n, WIDTH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_cover_every_output_once() {
        for (m, n, height) in [(1, 1, 1), (300, 700, 12), (2048, 70, 11), (33, 513, 32)] {
            for threads in [1, 3, 64] {
                pool::with_threads(threads, || {
                    let grid = Rows::of_large(m, height, n);
                    let mut seen = vec![0; m * n];
                    for task in 0..grid.len() {
                        let (rows, cols) = grid.place(task);
                        assert!(rows.start % height == 0 && cols.start % WIDTH == 0);
                        assert!(!rows.is_empty() && !cols.is_empty());
                        for i in rows {
                            cols.clone().for_each(|j| seen[i * n + j] += 1);
                        }
                    }
                    assert!(seen.iter().all(|s| *s == 1), "{m} {n} {threads}");
                });
            }
        }
    }
}
