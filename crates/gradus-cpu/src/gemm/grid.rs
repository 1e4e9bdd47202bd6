//! How the outputs of all products are cut into tasks.

use std::ops::Range;

use super::Dims;
use crate::pool;

/// How the outputs of all products are cut into tasks. It may depend on the number of threads,
/// since no cut changes the bits.
pub(super) struct Grid {
    dims: Dims,
    /// Rows and columns of a task.
    part: (usize, usize),
    /// Tasks per product, down and across.
    parts: (usize, usize),
    tasks: usize,
    per_chunk: usize,
}

/// An estimate of the speed, in multiply-adds per nanosecond, to tell small work from large.
const SPEED: f64 = 30.0;
/// An estimate of the speed of the memory, in elements per nanosecond.
const MEMORY: f64 = 10.0;

impl Grid {
    pub(super) fn new(dims: Dims, batch: usize, width: usize) -> Self {
        let Dims { m, n, k } = dims;
        let threads = pool::threads();
        // Thin products wait for the memory.
        let elements = (m.max(n) * k) as f64;
        let one_ns = (m as f64 * n as f64 * k as f64 / SPEED).max(elements / MEMORY);
        let serial = threads == 1 || one_ns * (batch as f64) < 20_000.0;
        let mut grid = Self { dims, part: (m, n), parts: (1, 1), tasks: batch, per_chunk: batch };
        if serial {
            return grid;
        }
        if batch < 2 * threads {
            // As many parts as give every thread work, none below 5 µs.
            let want = (2 * threads).div_ceil(batch).min((one_ns / 5_000.0) as usize).max(1);
            grid.part = split(dims, want, width);
            grid.parts = (m.div_ceil(grid.part.0), n.div_ceil(grid.part.1));
            grid.tasks = batch * grid.parts.0 * grid.parts.1;
            grid.per_chunk = 1;
        } else {
            grid.per_chunk = pool::grain(batch, one_ns);
        }
        grid
    }

    pub(super) fn chunks(&self) -> usize {
        self.tasks.div_ceil(self.per_chunk)
    }

    pub(super) fn tasks(&self, chunk: usize) -> Range<usize> {
        let start = chunk * self.per_chunk;
        start..(start + self.per_chunk).min(self.tasks)
    }

    /// The product and its rows and columns.
    pub(super) fn place(&self, task: usize) -> (usize, Range<usize>, Range<usize>) {
        let (down, across) = self.parts;
        let (i, j) = (task / across % down * self.part.0, task % across * self.part.1);
        let rows = i..self.dims.m.min(i + self.part.0);
        (task / across / down, rows, j..self.dims.n.min(j + self.part.1))
    }
}

/// Rows and columns of about `want` equal parts, in whole tiles, with the least to pack.
fn split(Dims { m, n, .. }: Dims, want: usize, width: usize) -> (usize, usize) {
    const ROWS: usize = 12;
    let part = |down: usize| {
        let across = want.div_ceil(down);
        let rows = m.div_ceil(down).next_multiple_of(ROWS).min(m);
        (rows, n.div_ceil(across).next_multiple_of(width).min(n))
    };
    (1..=want.min(m.div_ceil(ROWS)))
        .map(part)
        .min_by_key(|&(rows, cols)| {
            let largest = rows * cols;
            largest + 8 * (rows + cols)
        })
        .unwrap_or((m, n))
}
