//! `split` and `chunk`: pieces along a dimension.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Pieces of the given sizes along `dim`.
    ///
    /// Equals a [`Var::narrow`] per piece, and so does its gradient.
    ///
    /// # Errors
    /// If the dimension is out of range or the sizes do not add up to its extent.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.split` with the sizes of the pieces
    pub fn split(&self, sizes: &[usize], dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("split", self.rank())?;
        let pieces = self.value().split(sizes, dim)?;
        let mut start = 0;
        let piece = |len: usize| {
            start += len;
            self.narrow(dim, start - len, len)
        };
        pieces.iter().map(|piece| piece.dims()[dim]).map(piece).collect()
    }

    /// `n` pieces along `dim`, as equal as possible, as `Tensor::chunk` cuts them.
    ///
    /// # Errors
    /// If the dimension is out of range or `n` is zero.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.tensor_split`; `torch.chunk` may give fewer pieces
    pub fn chunk(&self, n: usize, dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("chunk", self.rank())?;
        let sizes: Vec<usize> = self.value().chunk(n, dim)?.iter().map(|x| x.dims()[dim]).collect();
        self.split(&sizes, dim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 5], 1)];
        for i in 0..3 {
            check_op(|x| Ok(x[0].split(&[2, 0, 3], 1)?.remove(i)), &x);
        }
        for i in 0..2 {
            check_op(|x| Ok(x[0].chunk(2, -1)?.remove(i)), &x);
        }
    }

    #[test]
    fn pieces_join_to_the_whole() {
        let x = Var::from(normal([2, 5], 1));
        for pieces in [x.split(&[1, 4], 1).unwrap(), x.chunk(3, 1).unwrap()] {
            assert!(Var::cat(&pieces, 1).unwrap().value().equal(x.value()));
        }
    }
}
