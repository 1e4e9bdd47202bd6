//! Diagonals taken out of matrices, and matrices made of them.

use gradus_core::Dim;

use crate::{Error, Result, Tensor};

impl Tensor {
    /// The diagonal of the matrices of two dimensions, which becomes the last dimension. Diagonal
    /// `offset` 0 is the main one, positive ones lie above it; one outside the matrix has no element.
    ///
    /// # Shapes
    /// `[..., N, M]` for the last two dimensions → `[..., D]`
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::RepeatedDim`] if both
    /// dimensions are the same.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.diagonal(1, 0, 1)?.to_vec::<i64>()?, [2, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn diagonal(
        &self,
        offset: i64,
        dim1: impl Into<Dim>,
        dim2: impl Into<Dim>,
    ) -> Result<Self> {
        let op = "diagonal";
        let (rank, dim1, dim2) = (self.rank(), dim1.into(), dim2.into());
        let (dim1, dim2) = (dim1.resolve(op, rank)?, dim2.resolve(op, rank)?);
        if dim1 == dim2 {
            return Err(gradus_core::Error::RepeatedDim { op, dim: dim1 }.into());
        }
        let mut order: Vec<usize> = (0..rank).filter(|&dim| dim != dim1 && dim != dim2).collect();
        order.extend([dim1, dim2]);
        let matrices = self.permute(&order)?;
        let (rows, columns) = (self.dims()[dim1], self.dims()[dim2]);
        let (start, len) = place(offset, rows, columns);
        let flat = matrices.flatten(rank - 2, rank - 1)?;
        if len == 0 {
            return flat.narrow(-1, 0, 0);
        }
        let run = (len - 1) * (columns + 1) + 1;
        flat.narrow(-1, start, run)?.step(-1, columns + 1)
    }

    /// Matrices with the last dimension on diagonal `offset` and zeros elsewhere, as two dimensions at
    /// `dim1` and `dim2` of the result.
    ///
    /// # Shapes
    /// `[..., D]` → `[..., N, N]` for the last two dimensions, with N = D + |offset|
    ///
    /// # Errors
    /// As [`Tensor::diagonal`], [`gradus_core::Error::UnexpectedShape`] for a single number, or
    /// [`Error::TooLarge`].
    pub fn diag_embed(
        &self,
        offset: i64,
        dim1: impl Into<Dim>,
        dim2: impl Into<Dim>,
    ) -> Result<Self> {
        let op = "diag_embed";
        let Some(&n) = self.dims().last() else {
            let (expected, got) = ("at least one dimension".into(), self.shape().clone());
            return Err(Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got }));
        };
        let rank = self.rank() + 1;
        let (dim1, dim2) = (dim1.into().resolve(op, rank)?, dim2.into().resolve(op, rank)?);
        if dim1 == dim2 {
            return Err(gradus_core::Error::RepeatedDim { op, dim: dim1 }.into());
        }
        // Each element and the n zeros that follow it: a diagonal, once the last zeros are cut off.
        let border = |last: &[(usize, usize)]| {
            let mut border = vec![(0, 0); rank - last.len()];
            border.extend_from_slice(last);
            border
        };
        let square = if n == 0 {
            self.unsqueeze(-1)?.narrow(-1, 0, 0)?
        } else {
            let rows = self.unsqueeze(-1)?.pad(&border(&[(0, n)]), 0.0)?;
            let shape = [&self.dims()[..rank - 2], &[n, n]].concat();
            rows.flatten(rank - 2, rank - 1)?.narrow(-1, 0, n * n)?.reshape(shape)?
        };
        let away = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        let shifts = if offset >= 0 { [(0, away), (away, 0)] } else { [(away, 0), (0, away)] };
        let square = square.pad(&border(&shifts), 0.0)?;
        let mut order: Vec<usize> = (0..rank - 2).collect();
        for (dim, from) in in_order([(dim1, rank - 2), (dim2, rank - 1)]) {
            order.insert(dim, from);
        }
        square.permute(&order)
    }

    /// Diagonal `k` of a matrix, or the matrix that has a vector on diagonal `k`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless there are one or two dimensions.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 2]).diag(0)?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 0, 0, 2]);
    /// assert_eq!(x.diag(0)?.to_vec::<i64>()?, [1, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn diag(&self, k: i64) -> Result<Self> {
        match self.rank() {
            1 => self.diag_embed(k, 0, 1),
            2 => self.diagonal(k, 0, 1),
            _ => {
                let (op, expected) = ("diag", "one or two dimensions".into());
                let got = self.shape().clone();
                Err(Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got }))
            }
        }
    }

    /// The sum of the main diagonal of the last two dimensions, in the dtypes of [`Tensor::sum`].
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two dimensions.
    pub fn trace(&self) -> Result<Self> {
        if self.rank() < 2 {
            let (op, expected) = ("trace", "at least two dimensions".into());
            let got = self.shape().clone();
            return Err(Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got }));
        }
        self.diagonal(0, -2, -1)?.sum(-1)
    }
}

/// Where a diagonal starts in a row-major matrix, and how long it is.
fn place(offset: i64, rows: usize, columns: usize) -> (usize, usize) {
    let away = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    if offset >= 0 {
        (away, rows.min(columns.saturating_sub(away)))
    } else {
        (away.saturating_mul(columns), rows.saturating_sub(away).min(columns))
    }
}

/// The pairs by rising dimension.
fn in_order(mut pairs: [(usize, usize); 2]) -> [(usize, usize); 2] {
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{at, cases, indices, of_shape, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn what_is_embedded_is_the_diagonal(recipe in of_shape(prop::collection::vec(0..4usize, 1..4)), offset in -3..4i64, a in 0..4usize, b in 0..4usize) {
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let (a, b) = (a % (x.rank() + 1), b % (x.rank() + 1));
                if a == b {
                    prop_assert!(x.diag_embed(offset, a, b).is_err());
                    continue;
                }
                let y = x.diag_embed(offset, a, b).unwrap();
                prop_assert!(y.diagonal(offset, a, b).unwrap().equal(&x));
                let total = |x: &Tensor| read(x).iter().sum::<f64>();
                prop_assert!((total(&x) - total(&y)).abs() < 0.1);
            }
        }

        #[test]
        fn a_diagonal_has_the_elements_whose_places_differ_by_the_offset(recipe in of_shape(prop::collection::vec(0..4usize, 2..4)), offset in -5..6i64) {
            let x = recipe.make(DType::F32);
            let last = x.rank() - 1;
            let on = |i: &&Vec<usize>| i[last] as i64 - i[last - 1] as i64 == offset;
            let all = indices(x.dims());
            let expected: Vec<f64> = all.iter().filter(on).map(|i| at(&x, i)).collect();
            prop_assert_eq!(read(&x.diagonal(offset, -2, -1).unwrap()), expected);
            let turned = x.transpose(last, last - 1).unwrap().diagonal(-offset, -2, -1).unwrap();
            prop_assert!(turned.equal(&x.diagonal(offset, -2, -1).unwrap()));
        }
    }

    #[test]
    fn faults_and_extremes() {
        let x = Tensor::new([[1, 2], [3, 4]]);
        assert_eq!(x.trace().unwrap().item().unwrap(), 5.0);
        assert!(x.diagonal(0, 0, 0).is_err() && x.diagonal(0, 0, 2).is_err());
        assert_eq!(x.diagonal(i64::MIN, 0, 1).unwrap().dims(), [0]);
        assert_eq!(x.diagonal(i64::MAX, 0, 1).unwrap().dims(), [0]);
        assert!(x.select(0, 0).unwrap().diag_embed(i64::MAX, 0, 1).is_err());
        assert!(Tensor::new(1).diag(0).is_err() && Tensor::new(1).diag_embed(0, 0, 1).is_err());
        assert!(Tensor::new([1]).trace().is_err() && Tensor::new([[[1]]]).diag(0).is_err());
    }
}
