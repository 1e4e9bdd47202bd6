//! Memory for positions.

use gradus_tensor::Tensor;

use crate::Result;

/// Room is a multiple of this many positions, and they leave by as many: attention visits keys on a grid of
/// this width, so that what is left is visited as before.
pub(super) const ROOM: usize = 64;

/// Memory for positions, of which `len` are held, from `start` on.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// `[B, H, room, D]`
    pub(super) keys: Tensor,
    values: Tensor,
    start: usize,
    pub(super) len: usize,
    /// How many positions have left; a multiple of [`ROOM`].
    pub(super) gone: usize,
}

impl Held {
    /// Room for so many positions, none of them held yet.
    pub(super) fn new(like: &Tensor, positions: usize) -> Result<Self> {
        let [rows, n_heads, _, head_dim] = [0, 1, 2, 3].map(|dim| like.dims()[dim]);
        let room = positions.max(1).next_multiple_of(ROOM);
        let zeros = || Tensor::zeros([rows, n_heads, room, head_dim], like.dtype());
        Ok(Self { keys: zeros()?, values: zeros()?, start: 0, len: 0, gone: 0 })
    }

    /// How many positions follow those that are held without anything being moved.
    pub(super) fn free(&self) -> usize {
        self.keys.dims()[2] - self.start - self.len
    }

    pub(super) fn views(&self) -> Result<(Tensor, Tensor)> {
        let view = |x: &Tensor| x.narrow(2, self.start, self.len);
        Ok((view(&self.keys)?, view(&self.values)?))
    }

    pub(super) fn push(&mut self, keys: &Tensor, values: &Tensor) -> Result<()> {
        let end = self.start + self.len;
        self.keys.narrow_assign(2, end, keys)?;
        self.values.narrow_assign(2, end, values)?;
        self.len += keys.dims()[2];
        Ok(())
    }

    /// Lets the first positions go, so that `first` becomes the first one.
    pub(super) fn let_go(&mut self, first: usize) {
        let count = first.saturating_sub(self.gone);
        self.start += count;
        self.len -= count;
        self.gone += count;
    }

    /// The same positions in another memory.
    pub(super) fn moved(&self, positions: usize) -> Result<Self> {
        let mut larger = Self::new(&self.keys, positions)?;
        let (keys, values) = self.views()?;
        larger.push(&keys, &values)?;
        larger.gone = self.gone;
        Ok(larger)
    }

    /// Each of the two views made into another.
    pub(super) fn map(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let (keys, values) = self.views()?;
        let (keys, values) = (f(&keys)?, f(&values)?);
        let mut held = Self::new(&keys, self.len)?;
        held.push(&keys, &values)?;
        held.gone = self.gone;
        Ok(held)
    }
}
