//! Batches of matrices.

use gradus_core::Shape;
use nalgebra::{DMatrix, RealField};

use crate::{Element, Error, Result, Tensor};

/// The element types of decompositions.
pub(crate) trait Real: Element + RealField {}
impl Real for f32 {}
impl Real for f64 {}

/// Matrices in row-major order of the leading dimensions.
pub(crate) struct Matrices<T: Real> {
    pub(crate) op: &'static str,
    pub(crate) batch: Shape,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) each: Vec<DMatrix<T>>,
}

impl<T: Real> Matrices<T> {
    /// Reads the last two dimensions as matrices.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two;
    /// [`Error::Linalg`] for NaN and infinities, on which iterations would not end.
    pub(crate) fn read(op: &'static str, x: &Tensor) -> Result<Self> {
        let [ref batch @ .., rows, columns] = *x.dims() else {
            let (expected, got) = ("at least two dimensions".into(), x.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        };
        let data = x.elements::<T>();
        let len = rows * columns;
        let each = (0..batch.iter().product())
            .map(|i| DMatrix::from_row_slice(rows, columns, &data[i * len..][..len]))
            .collect();
        let matrices = Self { op, batch: batch.into(), rows, columns, each };
        if let Some(odd) = data.iter().position(|x| !x.to_f64().is_finite()) {
            return Err(matrices.fault(odd / len, "has an element that is not finite"));
        }
        Ok(matrices)
    }

    /// As [`Self::read`], for square matrices.
    ///
    /// # Errors
    /// As [`Self::read`], and [`gradus_core::Error::UnexpectedShape`].
    pub(crate) fn read_square(op: &'static str, x: &Tensor) -> Result<Self> {
        let matrices = Self::read(op, x)?;
        if matrices.rows != matrices.columns {
            let (expected, got) = ("square matrices".into(), x.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        }
        Ok(matrices)
    }

    /// As [`Self::read`], for right sides of `a`.
    ///
    /// # Errors
    /// As [`Self::read`], and [`gradus_core::Error::ShapeMismatch`] if they do not fit.
    pub(crate) fn read_for(op: &'static str, a: &Self, b: &Tensor) -> Result<Self> {
        let rhs = Self::read(op, b)?;
        if a.batch == rhs.batch && a.columns == rhs.rows {
            return Ok(rhs);
        }
        let lhs = Shape::from([a.batch.dims(), &[a.rows, a.columns]].concat());
        Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs: b.shape().clone() }.into())
    }

    /// `f` of every matrix, where it says what is wrong with one.
    ///
    /// # Errors
    /// [`Error::Linalg`] with the place of the first matrix that `f` refuses.
    pub(crate) fn factors<F>(
        &self,
        f: impl Fn(&DMatrix<T>) -> std::result::Result<F, &'static str>,
    ) -> Result<Vec<F>> {
        let factor = |(i, matrix)| f(matrix).map_err(|reason| self.fault(i, reason));
        self.each.iter().enumerate().map(factor).collect()
    }

    /// As [`Self::factors`], of every matrix and its partner in another batch.
    ///
    /// # Errors
    /// As [`Self::factors`].
    pub(crate) fn factors_with<F>(
        &self,
        other: &Self,
        f: impl Fn(&DMatrix<T>, &DMatrix<T>) -> std::result::Result<F, &'static str>,
    ) -> Result<Vec<F>> {
        let factor = |(i, (a, b))| f(a, b).map_err(|reason| self.fault(i, reason));
        self.each.iter().zip(&other.each).enumerate().map(factor).collect()
    }

    /// What is wrong with matrix `i`.
    fn fault(&self, i: usize, reason: &'static str) -> Error {
        let (mut rest, mut batch) = (i, self.batch.dims().to_vec());
        for place in batch.iter_mut().rev() {
            let extent = *place;
            *place = rest % extent;
            rest /= extent;
        }
        Error::Linalg { op: self.op, batch, reason }
    }

    /// A tensor of the leading dimensions and `inner`, whose elements `f` appends for each matrix.
    pub(crate) fn write(&self, inner: &[usize], f: impl Fn(usize, &mut Vec<T>)) -> Tensor {
        let shape = Shape::from([self.batch.dims(), inner].concat());
        let mut data = Vec::with_capacity(shape.len());
        if !shape.is_empty() {
            (0..self.each.len()).for_each(|i| f(i, &mut data));
        }
        Tensor::from_data(data, shape)
    }
}

/// Two batches of matrices with their leading dimensions broadcast against each other.
///
/// # Errors
/// [`gradus_core::Error::ShapeMismatch`].
pub(crate) fn broadcast(op: &'static str, a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let ([batch_a @ .., _, _], [batch_b @ .., _, _]) = (a.dims(), b.dims()) else {
        return Ok((a.clone(), b.clone())); // which reading them refuses
    };
    if batch_a == batch_b {
        return Ok((a.clone(), b.clone()));
    }
    let mismatch = |_| {
        let (lhs, rhs) = (a.shape().clone(), b.shape().clone());
        gradus_core::Error::ShapeMismatch { op, lhs, rhs }
    };
    let batch = Shape::from(batch_a).broadcast(op, &batch_b.into()).map_err(mismatch)?;
    let expand = |x: &Tensor| x.expand([batch.dims(), &x.dims()[x.rank() - 2..]].concat());
    Ok((expand(a)?, expand(b)?))
}

/// Appends a matrix in row-major order.
pub(crate) fn push<T: Real>(out: &mut Vec<T>, matrix: &DMatrix<T>) {
    out.extend(matrix.transpose().iter().copied());
}
