//! `solve`, `inverse`, `det`, `slogdet`.

use nalgebra::{DMatrix, Dyn, LU};

use crate::dtypes::{real, same};
use crate::linalg::matrices::{Matrices, Real, broadcast, push};
use crate::{Element, Result, Tensor};

impl Tensor {
    /// The solution `X` of `self · X = b`, by LU decomposition. A matrix counts
    /// as singular if a pivot is exactly 0 or the solution overflows.
    ///
    /// # Shapes
    /// `[..., N, N]`, b `[..., N, M]` → `[..., N, M]`, leading dimensions broadcast;
    /// `[..., N, N]`, b `[N]` → `[..., N]`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the matrices are square,
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`,
    /// [`crate::Error::Linalg`] if a matrix is singular or an element not finite.
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
        let op = "solve";
        let dtype = same(op, self.dtype(), b.dtype())?;
        if b.rank() == 1 {
            return self.solve(&b.unsqueeze(1)?)?.squeeze(-1);
        }
        let (a, b) = broadcast(op, self, b)?;
        real!(op, dtype, T => {
            let a = Matrices::<T>::read_square(op, &a)?;
            let rhs = Matrices::<T>::read_for(op, &a, &b)?;
            let solutions = a.factors_with(&rhs, solved)?;
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
            let inverses = a.factors(|a| solved(a, &eye))?;
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

    /// The sign of the determinant and the logarithm of its absolute value, which neither
    /// overflows nor underflows; 0 and −∞ for a singular matrix.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[...]`, `[...]`
    ///
    /// # Errors
    /// As [`Tensor::det`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (sign, log) = Tensor::new([[0.0, 1e30], [1e30, 0.0]]).slogdet()?;
    /// assert_eq!(sign.item()?, -1.0);
    /// assert!((log.item()? - 60.0 * 10f64.ln()).abs() < 1e-4);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn slogdet(&self) -> Result<(Self, Self)> {
        real!("slogdet", self.dtype(), T => {
            let a = Matrices::<T>::read_square("slogdet", self)?;
            let parts = a.factors(|a| Ok(sign_and_log(&a.clone().lu())))?;
            Ok((
                a.write(&[], |i, out| out.push(parts[i].0)),
                a.write(&[], |i, out| out.push(parts[i].1)),
            ))
        })
    }
}

fn solved<T: Real>(
    a: &DMatrix<T>,
    b: &DMatrix<T>,
) -> std::result::Result<DMatrix<T>, &'static str> {
    if a.is_empty() {
        return Ok(b.clone());
    }
    let singular = "is singular";
    let x = a.clone().lu().solve(b).ok_or(singular)?;
    // A pivot that is almost zero shows as an overflow.
    if x.iter().all(|x| x.to_f64().is_finite()) { Ok(x) } else { Err(singular) }
}

/// Over the pivots, one after the other; the logarithms are summed in `f64`.
fn sign_and_log<T: Real>(lu: &LU<T, Dyn, Dyn>) -> (T, T) {
    let pivots = lu.u().diagonal();
    let swaps: f64 = lu.p().determinant::<T>().to_f64();
    let sign = pivots.iter().fold(swaps, |sign, pivot| match pivot.to_f64() {
        0.0 => 0.0,
        pivot => sign * pivot.signum(),
    });
    let log = pivots.iter().map(|pivot| pivot.to_f64().abs().ln()).sum();
    (<T as Element>::from_f64(sign), <T as Element>::from_f64(log))
}
