//! What a contraction does with its operands.

use crate::{Result, Tensor};

/// An array that can be contracted.
pub trait Operand: Clone {
    /// What can go wrong.
    type Error: From<crate::Error>;

    /// The extents.
    fn extents(&self) -> &[usize];
    /// The main diagonal of two dimensions, as the last one.
    ///
    /// # Errors
    /// As the method of [`Tensor`] of that meaning.
    fn diagonal_of(&self, dim1: usize, dim2: usize) -> std::result::Result<Self, Self::Error>;
    /// The sum over dimensions, which are dropped.
    ///
    /// # Errors
    /// As the method of [`Tensor`] of that meaning.
    fn sum_of(&self, dims: &[usize]) -> std::result::Result<Self, Self::Error>;
    /// Dimensions in another order.
    ///
    /// # Errors
    /// As the method of [`Tensor`] of that meaning.
    fn permuted(&self, order: &[usize]) -> std::result::Result<Self, Self::Error>;
    /// The same elements in other extents.
    ///
    /// # Errors
    /// As the method of [`Tensor`] of that meaning.
    fn shaped(&self, extents: &[usize]) -> std::result::Result<Self, Self::Error>;
    /// The product of matrices `[B, N, K]` and `[B, K, M]`.
    ///
    /// # Errors
    /// As the method of [`Tensor`] of that meaning.
    fn product(&self, other: &Self) -> std::result::Result<Self, Self::Error>;
}

impl Operand for Tensor {
    type Error = crate::Error;

    fn extents(&self) -> &[usize] {
        self.dims()
    }

    fn diagonal_of(&self, dim1: usize, dim2: usize) -> Result<Self> {
        self.diagonal(0, dim1, dim2)
    }

    fn sum_of(&self, dims: &[usize]) -> Result<Self> {
        self.sum(dims)
    }

    fn permuted(&self, order: &[usize]) -> Result<Self> {
        self.permute(order)
    }

    fn shaped(&self, extents: &[usize]) -> Result<Self> {
        self.reshape(extents)
    }

    fn product(&self, other: &Self) -> Result<Self> {
        if self.dtype().is_float() {
            return self.matmul(other);
        }
        self.unsqueeze(-1)?.mul(&other.unsqueeze(1)?)?.sum(2)
    }
}
