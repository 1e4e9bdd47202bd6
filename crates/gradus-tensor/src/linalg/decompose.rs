//! `svd`, `qr`, `cholesky`, `eigh`.

use nalgebra::{DMatrix, DVector};

use crate::dtypes::real;
use crate::linalg::jacobi;
use crate::linalg::matrices::{Matrices, Real, push};
use crate::{Element, Result, Tensor};

impl Tensor {
    /// The reduced singular value decomposition: `self = U · diag(S) · Vh`, `S` falling.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., M, K]`, `[..., K]`, `[..., K, N]` with `K = min(M, N)`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two dimensions,
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`,
    /// [`crate::Error::Linalg`] if an element is not finite or the iteration does not converge.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.svd`
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let a = Tensor::new([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]]);
    /// let (u, s, vh) = a.svd()?;
    /// let back = u.mul(&s)?.matmul(&vh)?;
    /// assert!(a.allclose(&back, 1e-5, 1e-6)?);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn svd(&self) -> Result<(Self, Self, Self)> {
        real!("svd", self.dtype(), T => svd::<T>(self))
    }

    /// The reduced QR decomposition: `self = Q · R`, `Q` with orthonormal columns, `R` upper
    /// triangular.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., M, K]`, `[..., K, N]` with `K = min(M, N)`
    ///
    /// # Errors
    /// As [`Tensor::svd`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.qr`
    pub fn qr(&self) -> Result<(Self, Self)> {
        real!("qr", self.dtype(), T => qr::<T>(self))
    }

    /// The Cholesky factor: `self = L · Lᵀ`, `L` lower triangular. Only the lower triangle of
    /// `self` is read.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// As [`Tensor::svd`]; [`gradus_core::Error::UnexpectedShape`] for a matrix that is not square,
    /// [`crate::Error::Linalg`] for one that is not positive definite.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.cholesky`
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let l = Tensor::new([[4.0, 0.0], [2.0, 2.0]]).cholesky()?;
    /// assert_eq!(l.to_vec::<f32>()?, [2.0, 0.0, 1.0, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cholesky(&self) -> Result<Self> {
        real!("cholesky", self.dtype(), T => {
            let a = Matrices::<T>::read_square("cholesky", self)?;
            let factors = a.factors(|m| m.clone().cholesky().ok_or("is not positive definite"))?;
            Ok(a.write(&[a.rows, a.rows], |i, out| push(out, &factors[i].l())))
        })
    }

    /// Eigenvalues (rising) and eigenvectors (columns) of symmetric matrices. Only the lower
    /// triangle is read.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N]`, `[..., N, N]`
    ///
    /// # Errors
    /// As [`Tensor::svd`], and [`gradus_core::Error::UnexpectedShape`] for a matrix that is not
    /// square.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.eigh`
    pub fn eigh(&self) -> Result<(Self, Self)> {
        real!("eigh", self.dtype(), T => eigh::<T>(self))
    }
}

/// Iterations stop with an error after this many sweeps per dimension.
const SWEEPS: usize = 100;

fn svd<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor, Tensor)> {
    let a = Matrices::<T>::read("svd", x)?;
    let k = a.rows.min(a.columns);
    // In f64 also for f32: nalgebra's own iteration goes wrong where rank is missing.
    let factors = a.factors(|matrix| match k {
        0 => Ok((DMatrix::zeros(0, 0), DVector::zeros(0), DMatrix::zeros(0, 0))),
        _ => jacobi::svd(&matrix.map(Element::to_f64)).ok_or("gave no convergence"),
    })?;
    let narrow = |matrix: &DMatrix<f64>| matrix.map(<T as Element>::from_f64);
    Ok((
        a.write(&[a.rows, k], |i, out| push(out, &narrow(&factors[i].0))),
        a.write(&[k], |i, out| out.extend(factors[i].1.map(<T as Element>::from_f64).iter())),
        a.write(&[k, a.columns], |i, out| push(out, &narrow(&factors[i].2))),
    ))
}

fn qr<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let a = Matrices::<T>::read("qr", x)?;
    let k = a.rows.min(a.columns);
    let factors = a.factors(|matrix| match k {
        0 => Ok((DMatrix::zeros(0, 0), DMatrix::zeros(0, 0))),
        _ => Ok(matrix.clone().qr().unpack()),
    })?;
    Ok((
        a.write(&[a.rows, k], |i, out| push(out, &factors[i].0)),
        a.write(&[k, a.columns], |i, out| push(out, &factors[i].1)),
    ))
}

fn eigh<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let a = Matrices::<T>::read_square("eigh", x)?;
    let n = a.rows;
    let factors = a.factors(|matrix| {
        if n == 0 {
            return Ok((DVector::zeros(0), DMatrix::zeros(0, 0)));
        }
        let eigen = matrix
            .clone()
            .try_symmetric_eigen(T::default_epsilon(), SWEEPS * n)
            .ok_or("gave no convergence")?;
        let mut order: Vec<usize> = (0..n).collect();
        let value = |i: usize| eigen.eigenvalues[i].to_f64();
        order.sort_by(|&i, &j| value(i).total_cmp(&value(j)));
        let values = DVector::from_iterator(n, order.iter().map(|&i| eigen.eigenvalues[i]));
        Ok((values, eigen.eigenvectors.select_columns(&order)))
    })?;
    Ok((
        a.write(&[n], |i, out| out.extend(factors[i].0.iter().copied())),
        a.write(&[n, n], |i, out| push(out, &factors[i].1)),
    ))
}
