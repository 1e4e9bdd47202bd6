//! How the tiles of an image are cut into blocks.

use std::ops::Range;

use super::LANES;

/// Tiles of a block, at most: its transform stays in L2.
const TILES: usize = 176;

/// The tiles of an image, two outputs high and wide; the last ones may be half empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Down and across.
    outputs: [usize; 2],
    tiles: [usize; 2],
    block: [usize; 2],
}

/// Some rows of tiles, and some of the columns or all.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) down: Range<usize>,
    pub(super) across: Range<usize>,
    /// Outputs of the image.
    pub(super) outputs: [usize; 2],
}

impl Grid {
    pub(super) fn new(outputs: [usize; 2]) -> Self {
        let tiles = outputs.map(|n| n.div_ceil(2));
        let even = |n: usize, most: usize| n.div_ceil(n.div_ceil(most));
        let across = even(tiles[1], TILES);
        Self { outputs, tiles, block: [even(tiles[0], (TILES / across).max(1)), across] }
    }

    /// Number of blocks.
    pub(super) fn len(&self) -> usize {
        self.tiles[0].div_ceil(self.block[0]) * self.tiles[1].div_ceil(self.block[1])
    }

    /// Block `index`: rows of blocks one after the other.
    pub(super) fn block(&self, index: usize) -> Block {
        let wide = self.tiles[1].div_ceil(self.block[1]);
        let range = |d: usize, i: usize| {
            let start = i * self.block[d];
            start..(start + self.block[d]).min(self.tiles[d])
        };
        let (down, across) = (range(0, index / wide), range(1, index % wide));
        Block { down, across, outputs: self.outputs }
    }

    /// Distance of the channels of a transformed block: room for its tiles, and for what registers
    /// write beyond them.
    pub(super) fn pitch(&self) -> usize {
        (self.block[0] * self.block[1] + LANES - 1).next_multiple_of(LANES)
    }

    /// Distance of the points of `len` elements each. Were it a multiple of 4 KiB, all points of a
    /// tile would fall into the same lines of L1.
    pub(super) fn distance<T>(len: usize) -> usize {
        let page = 4096 / size_of::<T>();
        len.next_multiple_of(page) + 5 * LANES
    }

    /// Tiles across, rounded up to whole registers.
    pub(super) fn width(&self) -> usize {
        self.block[1].next_multiple_of(LANES)
    }

    /// Rows of tiles of a block.
    pub(super) fn rows(&self) -> usize {
        self.block[0]
    }
}

impl Block {
    /// Number of tiles.
    pub(super) fn tiles(&self) -> usize {
        self.down.len() * self.across.len()
    }

    /// The rows of outputs.
    pub(super) fn rows(&self) -> Range<usize> {
        2 * self.down.start..(2 * self.down.end).min(self.outputs[0])
    }

    /// The columns of outputs.
    pub(super) fn columns(&self) -> Range<usize> {
        2 * self.across.start..(2 * self.across.end).min(self.outputs[1])
    }
}
