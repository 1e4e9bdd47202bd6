//! What attention is given.

use super::{Dropout, Mask, Sight};
use crate::gemm::{GemmElement, Matrix};
use crate::math::Real;

/// A type in which attention is computed: `f32` or `f64`.
pub trait Value: GemmElement + Real {
    /// `self * b + c`, rounded once.
    #[doc(hidden)]
    fn fused(self, b: Self, c: Self) -> Self;
}

impl Value for f32 {
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

impl Value for f64 {
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extents {
    /// Rows of the batch (B).
    pub batch: usize,
    /// Heads of the queries (H), a multiple of `kv_heads`.
    pub heads: usize,
    /// Heads of keys and values, each shared by a run of `heads / kv_heads` query heads.
    pub kv_heads: usize,
    /// Queries of a head (T).
    pub queries: usize,
    /// Keys and values of a head (S).
    pub keys: usize,
    /// Length of a query and of a key (D).
    pub width: usize,
    /// Length of a value (E).
    pub value_width: usize,
}

impl Extents {
    /// One head, one query and one key.
    pub const fn single(width: usize, value_width: usize) -> Self {
        Self { batch: 1, heads: 1, kv_heads: 1, queries: 1, keys: 1, width, value_width }
    }

    /// Query heads that share a head of keys and values.
    pub(super) fn group(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// The head of keys and values of a query head; both are counted through the batch.
    pub(super) fn kv_head(&self, head: usize) -> usize {
        head / self.group()
    }

    /// Query heads of the whole batch.
    pub(super) fn all_heads(&self) -> usize {
        self.batch * self.heads
    }
}

/// The vectors of every head: vector `i` of head `h`, counted through the batch, lies at
/// `starts[h] + i * stride`, its elements one after another.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, T> {
    /// The elements.
    pub data: &'a [T],
    /// Where each head starts.
    pub starts: &'a [usize],
    /// Distance of a head's neighbouring vectors.
    pub stride: usize,
}

impl<'a, T> Rows<'a, T> {
    /// Vector `i` of a head.
    pub(super) fn row(&self, head: usize, i: usize, width: usize) -> &'a [T] {
        &self.data[self.starts[head] + i * self.stride..][..width]
    }

    /// The vectors of a head from `i` on, as rows of a matrix.
    pub(super) fn matrix(&self, head: usize, i: usize) -> Matrix<'a, T> {
        Matrix::new(&self.data[self.starts[head] + i * self.stride..], self.stride, 1)
    }
}

/// One attention over many heads.
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a, T> {
    /// How much there is of everything.
    pub extents: Extents,
    /// The queries, `batch * heads` heads of `queries` vectors.
    pub q: Rows<'a, T>,
    /// The keys, `batch * kv_heads` heads of `keys` vectors.
    pub k: Rows<'a, T>,
    /// The values, as the keys.
    pub v: Rows<'a, T>,
    /// Factor of the scores.
    pub scale: T,
    /// Which keys a query sees by its place.
    pub sight: Sight,
    /// Which keys a query sees besides, and what is added to the scores.
    pub mask: Mask<'a, T>,
    /// Which weights are dropped.
    pub dropout: Option<Dropout>,
}

impl<'a, T: Value> Attention<'a, T> {
    /// Every query sees all keys, and nothing is dropped.
    pub fn new(
        extents: Extents,
        q: Rows<'a, T>,
        k: Rows<'a, T>,
        v: Rows<'a, T>,
        scale: f64,
    ) -> Self {
        let (scale, sight) = (T::from_f64(scale), Sight::all(&extents));
        Self { extents, q, k, v, scale, sight, mask: Mask::None, dropout: None }
    }

    /// Whether a query of a head, counted through the batch, may look at a key.
    pub(super) fn sees(&self, head: usize, query: usize, key: usize) -> bool {
        self.sight.keys(query).contains(&key) && !self.mask.hides(head, query, key)
    }

    /// Panics unless there are as many heads as the extents say.
    pub(super) fn check(&self) {
        let Extents { batch, heads, kv_heads, .. } = self.extents;
        assert!(heads == 0 || kv_heads > 0 && heads.is_multiple_of(kv_heads), "attention: heads");
        assert_eq!(self.q.starts.len(), batch * heads, "attention: heads of q");
        assert_eq!(self.k.starts.len(), batch * kv_heads, "attention: heads of k");
        assert_eq!(self.v.starts.len(), batch * kv_heads, "attention: heads of v");
        self.mask.check(batch * heads);
    }

    /// Nanoseconds that a product of all visible tiles takes, about.
    pub(super) fn cost(&self) -> f64 {
        let Extents { queries, keys, width, value_width, .. } = self.extents;
        let pairs = self.extents.all_heads() as f64 * queries as f64 * keys as f64;
        pairs * ((width + value_width) as f64 / 30.0 + 0.3)
    }
}
