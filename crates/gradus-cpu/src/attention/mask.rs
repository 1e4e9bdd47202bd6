//! Masks: truth values and biases.

use super::TILE;
use crate::math::Real;

/// What decides, besides the place, whether query `i` of head `h` sees key `j`. The entry lies at
/// `starts[h] + i * row_stride + j * col_stride`; strides may be 0.
#[derive(Debug, Clone, Copy)]
pub enum Mask<'a, T> {
    /// Nothing.
    None,
    /// The key is seen where the entry is true.
    Bool(Entries<'a, bool>),
    /// The entry is added to the score; −∞ hides the key.
    Bias(Entries<'a, T>),
}

/// The entries of a mask.
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a, M> {
    /// The entries.
    pub data: &'a [M],
    /// Where each head starts.
    pub starts: &'a [usize],
    /// Distance of queries.
    pub row_stride: usize,
    /// Distance of keys.
    pub col_stride: usize,
}

impl<M: Copy> Entries<'_, M> {
    /// Calls `f` with each score of a row and its entry.
    #[inline(always)]
    fn zip<T>(
        &self,
        (head, query, key): (usize, usize, usize),
        row: &mut [T],
        f: impl Fn(&mut T, M),
    ) {
        let start = self.starts[head] + query * self.row_stride + key * self.col_stride;
        match self.col_stride {
            0 => row.iter_mut().for_each(|x| f(x, self.data[start])),
            1 => row.iter_mut().zip(&self.data[start..]).for_each(|(x, m)| f(x, *m)),
            step => {
                row.iter_mut().enumerate().for_each(|(j, x)| f(x, self.data[start + j * step]));
            }
        }
    }

    fn get(&self, head: usize, query: usize, key: usize) -> M {
        self.data[self.starts[head] + query * self.row_stride + key * self.col_stride]
    }
}

impl<T: Real> Mask<'_, T> {
    /// Whether there is a mask.
    pub(super) fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the mask hides a key from a query.
    pub(super) fn hides(&self, head: usize, query: usize, key: usize) -> bool {
        match self {
            Self::None => false,
            Self::Bool(entries) => !entries.get(head, query, key),
            Self::Bias(entries) => entries.get(head, query, key) == -T::INFINITY,
        }
    }

    pub(super) fn check(&self, heads: usize) {
        let starts = match self {
            Self::None => return,
            Self::Bool(entries) => entries.starts.len(),
            Self::Bias(entries) => entries.starts.len(),
        };
        assert_eq!(starts, heads, "attention: heads of the mask");
    }

    /// Applies the entries of a query and the keys from `key` on to their scores.
    #[inline(always)]
    pub(super) fn apply(&self, head: usize, query: usize, key: usize, row: &mut [T]) {
        debug_assert!(row.len() <= TILE);
        match self {
            Self::None => {}
            Self::Bool(entries) => entries.zip((head, query, key), row, |x, seen| {
                *x = if seen { *x } else { -T::INFINITY };
            }),
            // A hidden key stays hidden where its score is NaN.
            Self::Bias(entries) => entries.zip((head, query, key), row, |x, bias| {
                *x = if bias == -T::INFINITY { bias } else { *x + bias };
            }),
        }
    }
}
