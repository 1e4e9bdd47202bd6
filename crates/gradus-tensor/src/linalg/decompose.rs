//! `svd`, `qr`, `cholesky`, `eigh`.

use nalgebra::DMatrix;

use crate::dtypes::real;
use crate::linalg::matrices::{Matrices, Real, push};
use crate::{Error, Result, Tensor};

impl Tensor {
    /// The reduced singular value decomposition: `self = U · diag(S) · Vh`, `S` falling.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., M, K]`, `[..., K]`, `[..., K, N]` with `K = min(M, N)`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two dimensions,
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`,
    /// [`Error::Linalg`] if an element is not finite or the iteration does not converge.
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
    /// [`Error::Linalg`] for one that is not positive definite.
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
            a.write(&[a.rows, a.rows], |i, out| {
                let reason = "is not positive definite";
                let factor = a.each[i].clone().cholesky();
                push(out, &factor.ok_or(Error::Linalg { op: "cholesky", reason })?.l());
                Ok(())
            })
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
    pub fn eigh(&self) -> Result<(Self, Self)> {
        real!("eigh", self.dtype(), T => eigh::<T>(self))
    }
}

/// Iterations stop with an error after this many sweeps per dimension.
const SWEEPS: usize = 100;

fn svd<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor, Tensor)> {
    let a = Matrices::<T>::read("svd", x)?;
    let k = a.rows.min(a.columns);
    if k == 0 {
        let empty = |inner: [usize; 2]| a.write(&inner, |_, _| Ok(()));
        return Ok((empty([a.rows, 0])?, a.write(&[0], |_, _| Ok(()))?, empty([0, a.columns])?));
    }
    let no_convergence = || Error::Linalg { op: "svd", reason: "gave no convergence" };
    let (mut us, mut ss, mut vhs) = (Vec::new(), Vec::new(), Vec::new());
    for matrix in &a.each {
        let steps = SWEEPS * (a.rows + a.columns);
        let svd = matrix.clone().try_svd(true, true, T::default_epsilon(), steps);
        let svd = svd.ok_or_else(no_convergence)?;
        us.push(svd.u.ok_or_else(no_convergence)?);
        ss.push(svd.singular_values);
        vhs.push(svd.v_t.ok_or_else(no_convergence)?);
    }
    Ok((
        a.write(&[a.rows, k], |i, out| Ok(push(out, &us[i])))?,
        a.write(&[k], |i, out| Ok(out.extend(ss[i].iter().copied())))?,
        a.write(&[k, a.columns], |i, out| Ok(push(out, &vhs[i])))?,
    ))
}

fn qr<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let a = Matrices::<T>::read("qr", x)?;
    let k = a.rows.min(a.columns);
    let factors: Vec<(DMatrix<T>, DMatrix<T>)> =
        if k == 0 { Vec::new() } else { a.each.iter().map(|m| m.clone().qr().unpack()).collect() };
    let fill = |out: &mut Vec<T>, m: Option<&DMatrix<T>>| m.into_iter().for_each(|m| push(out, m));
    Ok((
        a.write(&[a.rows, k], |i, out| Ok(fill(out, factors.get(i).map(|f| &f.0))))?,
        a.write(&[k, a.columns], |i, out| Ok(fill(out, factors.get(i).map(|f| &f.1))))?,
    ))
}

fn eigh<T: Real>(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let a = Matrices::<T>::read_square("eigh", x)?;
    let n = a.rows;
    let mut pairs = Vec::new();
    for matrix in a.each.iter().filter(|_| n > 0) {
        let eigen = matrix
            .clone()
            .try_symmetric_eigen(T::default_epsilon(), SWEEPS * n)
            .ok_or(Error::Linalg { op: "eigh", reason: "gave no convergence" })?;
        let mut order: Vec<usize> = (0..n).collect();
        let value = |i: usize| eigen.eigenvalues[i];
        order.sort_by(|&i, &j| value(i).partial_cmp(&value(j)).expect("finite input"));
        pairs.push((eigen, order));
    }
    Ok((
        a.write(&[n], |i, out| {
            let found = pairs.get(i).into_iter();
            Ok(found.for_each(|(e, order)| out.extend(order.iter().map(|&j| e.eigenvalues[j]))))
        })?,
        a.write(&[n, n], |i, out| {
            let found = pairs.get(i).into_iter();
            Ok(found.for_each(|(e, order)| push(out, &e.eigenvectors.select_columns(order))))
        })?,
    ))
}
