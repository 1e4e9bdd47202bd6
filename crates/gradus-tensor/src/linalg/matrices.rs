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
        if data.iter().any(|x| !x.to_f64().is_finite()) {
            return Err(Error::Linalg { op, reason: "has an element that is not finite" });
        }
        let len = rows * columns;
        let each = (0..batch.iter().product())
            .map(|i| DMatrix::from_row_slice(rows, columns, &data[i * len..][..len]))
            .collect();
        Ok(Self { batch: batch.into(), rows, columns, each })
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

    /// `f` of every matrix.
    ///
    /// # Errors
    /// Those of `f`.
    pub(crate) fn factors<F>(&self, f: impl Fn(&DMatrix<T>) -> Result<F>) -> Result<Vec<F>> {
        self.each.iter().map(f).collect()
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

/// Appends a matrix in row-major order.
pub(crate) fn push<T: Real>(out: &mut Vec<T>, matrix: &DMatrix<T>) {
    out.extend(matrix.transpose().iter().copied());
}
