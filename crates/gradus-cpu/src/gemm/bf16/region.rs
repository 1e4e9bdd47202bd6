//! The loops around the microkernel, for packed operands on one thread.
//!
//! ```text
//! for k in blocks:                       (the block of B stays in L2, its panel in L1)
//!     for each panel of B:
//!         for each block of rows of A: microkernel
//!             after the last k: finish these outputs
//! ```

use std::mem::MaybeUninit;
use std::ops::Range;

use super::super::Beta;
use super::super::view::Target;
use super::engine::Engine;
use super::layout::{MAX_HEIGHT, PANEL_STEP, STEP, WIDTH};
use super::store::Store;
use super::tile::Tile;

/// Packed blocks of rows or panels of columns: the first, and the distance of the next.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    pub(super) ptr: *const u16,
    pub(super) step: usize,
}

// SAFETY: packed operands are read only, until all tasks that were given them are done.
unsafe impl Sync for Packed {}

impl Packed {
    /// From block or panel `index` on.
    pub(super) fn at(&self, index: usize) -> Self {
        Self { ptr: self.ptr.wrapping_add(index * self.step), ..*self }
    }
}

/// Where the sums of a region rest: from its first row and column on.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    pub(super) c: Target<f32>,
    /// Whether there is room for whole blocks and panels, beyond the last row and column.
    pub(super) padded: bool,
}

impl Sums {
    /// In C if the outputs allow it, else in a room of its own with rows of `stride`.
    pub(super) fn of(
        store: &impl Store,
        room: &mut [f32],
        (i, j): (usize, usize),
        stride: usize,
    ) -> Self {
        match store.sums() {
            Some(c) => Self { c: Target { ptr: c.at(i, j), stride: c.stride }, padded: false },
            None => Self { c: Target { ptr: room.as_mut_ptr(), stride }, padded: true },
        }
    }
}

/// A rectangle of C over some of k.
pub(super) struct Region {
    pub(super) engine: Engine,
    pub(super) rows: Range<usize>,
    pub(super) cols: Range<usize>,
    /// Rows of a block of A.
    pub(super) height: usize,
    pub(super) a: Packed,
    pub(super) b: Packed,
    /// Packed values of k.
    pub(super) k: usize,
    pub(super) sums: Sums,
    /// What the sums hold before.
    pub(super) beta: Beta,
    /// Whether no k comes after this.
    pub(super) last: bool,
}

impl Region {
    /// Computes the region.
    ///
    /// # Safety
    /// - `a` and `b` hold the region's blocks and panels, each at least `k` values.
    /// - The sums and, if this is the last k, the outputs are valid and reached by nobody else.
    /// - The thread is [ready](Engine::ready) for the engine.
    pub(super) unsafe fn run(&self, store: &impl Store) {
        let per_block = self.engine.steps();
        let steps = self.k.div_ceil(STEP);
        for s in (0..steps).step_by(per_block) {
            let k = (self.k - s * STEP).min(per_block * STEP);
            let last = self.last && s + per_block >= steps;
            let beta = if s == 0 { self.beta } else { Beta::One };
            for (p, j) in self.cols.clone().step_by(WIDTH).enumerate() {
                let b = self.b.ptr.wrapping_add(p * self.b.step + s * PANEL_STEP);
                for (r, i) in self.rows.clone().step_by(self.height).enumerate() {
                    let a = self.a.ptr.wrapping_add(r * self.a.step + s * self.height * STEP);
                    let c = self.sums.c.at(i - self.rows.start, j - self.cols.start);
                    let c = Target { ptr: c, stride: self.sums.c.stride };
                    let rows = self.height.min(self.rows.end - i);
                    let cols = WIDTH.min(self.cols.end - j);
                    let rounds = last && cols == WIDTH && self.engine.rounds();
                    let halves = if rounds { store.halves((i, j)) } else { None };
                    let tile = Tile { a, height: self.height, b, k, c, rows, beta, halves };
                    // SAFETY: passed on from the caller, for one tile.
                    unsafe { self.tile(tile, cols) }
                    if last && halves.is_none() {
                        // SAFETY: as above.
                        unsafe { store.finish((i, j), (rows, cols), c) }
                    }
                }
            }
        }
    }

    /// One tile, of which `cols` columns are wanted.
    #[inline]
    unsafe fn tile(&self, mut tile: Tile, cols: usize) {
        let rows = tile.rows;
        if self.engine.whole_blocks() {
            tile.rows = self.height;
        }
        if self.sums.padded || (cols == WIDTH && tile.rows == rows) {
            // SAFETY: passed on from the caller; there is room for what the kernel writes.
            return unsafe { self.engine.run(&tile) };
        }
        let c = tile.c;
        let mut room = MaybeUninit::<[f32; MAX_HEIGHT * WIDTH]>::uninit();
        tile.c = Target { ptr: room.as_mut_ptr().cast(), stride: WIDTH };
        let copy = |from: Target<f32>, to: Target<f32>| {
            for i in 0..rows {
                // SAFETY: `rows × cols` sums are valid on both sides, which do not overlap.
                unsafe { std::ptr::copy_nonoverlapping(from.at(i, 0), to.at(i, 0), cols) }
            }
        };
        if tile.beta == Beta::One {
            // What the kernel reads beyond the wanted sums must be initialised.
            room.write([0.0; MAX_HEIGHT * WIDTH]);
            copy(c, tile.c);
        }
        // SAFETY: passed on from the caller; the room holds whole blocks and panels.
        unsafe { self.engine.run(&tile) }
        copy(tile.c, c);
    }
}
