//! `solve_triangular`: substitution, row by row.

use nalgebra::DMatrix;

use crate::dtypes::{real, same};
use crate::linalg::matrices::{Matrices, Real, broadcast, push};
use crate::{Result, Tensor};

/// Which part of a square matrix is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triangle {
    /// The diagonal and what is below it.
    Lower,
    /// The diagonal and what is above it.
    Upper,
    /// What is below the diagonal, which counts as ones.
    UnitLower,
    /// What is above the diagonal, which counts as ones.
    UnitUpper,
}

impl Triangle {
    /// The same part of the transposed matrix.
    #[must_use]
    pub const fn transposed(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
            Self::UnitLower => Self::UnitUpper,
            Self::UnitUpper => Self::UnitLower,
        }
    }

    /// Whether the diagonal counts as ones.
    pub const fn has_unit_diagonal(self) -> bool {
        matches!(self, Self::UnitLower | Self::UnitUpper)
    }

    /// Whether the part is below the diagonal.
    pub const fn is_lower(self) -> bool {
        matches!(self, Self::Lower | Self::UnitLower)
    }
}

impl Tensor {
    /// The solution `X` of `A · X = b`, where `A` is a triangle of `self`; the rest is not read.
    ///
    /// # Shapes
    /// As [`Tensor::solve`].
    ///
    /// # Errors
    /// As [`Tensor::solve`]; [`crate::Error::Linalg`] if there is a zero on the diagonal.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Tensor, Triangle};
    /// let a = Tensor::new([[2.0, 9.0], [1.0, 4.0]]);
    /// let x = a.solve_triangular(&Tensor::new([4.0, 6.0]), Triangle::Lower)?;
    /// assert_eq!(x.to_vec::<f32>()?, [2.0, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn solve_triangular(&self, b: &Self, triangle: Triangle) -> Result<Self> {
        let op = "solve_triangular";
        let dtype = same(op, self.dtype(), b.dtype())?;
        if b.rank() == 1 {
            return self.solve_triangular(&b.unsqueeze(1)?, triangle)?.squeeze(-1);
        }
        let (a, b) = broadcast(op, self, b)?;
        real!(op, dtype, T => {
            let a = Matrices::<T>::read_square(op, &a)?;
            let rhs = Matrices::<T>::read_for(op, &a, &b)?;
            let solutions = a.factors_with(&rhs, |a, b| substituted(a, b.clone(), triangle))?;
            Ok(a.write(&[rhs.rows, rhs.columns], |i, out| push(out, &solutions[i])))
        })
    }
}

/// xᵢ = (bᵢ − Σⱼ aᵢⱼ xⱼ) / aᵢᵢ over the `j` that are known already.
fn substituted<T: Real>(
    a: &DMatrix<T>,
    mut x: DMatrix<T>,
    triangle: Triangle,
) -> std::result::Result<DMatrix<T>, &'static str> {
    let n = a.nrows();
    if !triangle.has_unit_diagonal() && (0..n).any(|i| a[(i, i)] == T::zero()) {
        return Err("is singular");
    }
    for column in 0..x.ncols() {
        for step in 0..n {
            let i = if triangle.is_lower() { step } else { n - 1 - step };
            let known = if triangle.is_lower() { 0..i } else { i + 1..n };
            let sum = known.fold(x[(i, column)], |sum, j| sum - a[(i, j)] * x[(j, column)]);
            x[(i, column)] = if triangle.has_unit_diagonal() { sum } else { sum / a[(i, i)] };
        }
    }
    Ok(x)
}
