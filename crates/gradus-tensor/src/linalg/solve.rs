//! `solve`, `inverse`, `det`.

use nalgebra::DMatrix;

use crate::dtypes::{real, same};
use crate::linalg::matrices::{Matrices, Real, push};
use crate::{Error, Result, Tensor};

impl Tensor {
    /// The solution `X` of `self · X = b`, by LU decomposition. A matrix counts
    /// as singular if a pivot is exactly 0 or the solution overflows.
    ///
    /// # Shapes
    /// `[..., N, N]`, b `[..., N, M]` with the same leading dimensions → `[..., N, M]`;
    /// `[N, N]`, b `[N]` → `[N]`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the matrices are square,
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`,
    /// [`Error::Linalg`] if a matrix is singular or an element not finite.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.solve`
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let a = Tensor::new([[2.0, 0.0], [0.0, 4.0]]);
    /// assert_eq!(a.solve(&Tensor::new([2.0, 2.0]))?.to_vec::<f32>()?, [1.0, 0.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn solve(&self, b: &Self) -> Result<Self> {
        let dtype = same("solve", self.dtype(), b.dtype())?;
        if b.rank() == 1 && self.rank() == 2 {
            return self.solve(&b.unsqueeze(1)?)?.squeeze(1);
        }
        real!("solve", dtype, T => {
            let a = Matrices::<T>::read_square("solve", self)?;
            let rhs = Matrices::<T>::read("solve", b)?;
            if a.batch != rhs.batch || a.columns != rhs.rows {
                let (lhs, rhs) = (self.shape().clone(), b.shape().clone());
                return Err(gradus_core::Error::ShapeMismatch { op: "solve", lhs, rhs }.into());
            }
            let pairs = a.each.iter().zip(&rhs.each);
            let solutions =
                pairs.map(|(a, b)| solved("solve", a, b)).collect::<Result<Vec<_>>>()?;
            Ok(a.write(&[rhs.rows, rhs.columns], |i, out| push(out, &solutions[i])))
        })
    }

    /// The inverse matrix.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// As [`Tensor::solve`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.inv`
    pub fn inverse(&self) -> Result<Self> {
        real!("inverse", self.dtype(), T => {
            let a = Matrices::<T>::read_square("inverse", self)?;
            let eye = DMatrix::identity(a.rows, a.rows);
            let inverses = a.factors(|a| solved("inverse", a, &eye))?;
            Ok(a.write(&[a.rows, a.rows], |i, out| push(out, &inverses[i])))
        })
    }

    /// The determinant; 1 for an empty matrix.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[...]`
    ///
    /// # Errors
    /// As [`Tensor::solve`], but a singular matrix has determinant 0.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.det`
    pub fn det(&self) -> Result<Self> {
        real!("det", self.dtype(), T => {
            let a = Matrices::<T>::read_square("det", self)?;
            Ok(a.write(&[], |i, out| out.push(a.each[i].clone().lu().determinant())))
        })
    }
}

fn solved<T: Real>(op: &'static str, a: &DMatrix<T>, b: &DMatrix<T>) -> Result<DMatrix<T>> {
    if a.is_empty() {
        return Ok(b.clone());
    }
    let singular = || Error::Linalg { op, reason: "is singular" };
    let x = a.clone().lu().solve(b).ok_or_else(singular)?;
    // A pivot that is almost zero shows as an overflow.
    if x.iter().all(|x| x.to_f64().is_finite()) { Ok(x) } else { Err(singular()) }
}
