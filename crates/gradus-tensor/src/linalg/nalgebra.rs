//! Tensors from and to nalgebra's matrices and vectors.

use nalgebra::{DMatrix, DVector, Scalar};

use crate::conv::window::extents;
use crate::dtypes::require;
use crate::{Element, Result, Tensor};

impl Tensor {
    /// A tensor `[rows, columns]` with the elements of a matrix.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// let matrix = x.to_dmatrix::<f32>()?;
    /// assert_eq!(matrix[(0, 1)], 2.0);
    /// assert!(Tensor::from_dmatrix(&matrix).equal(&x));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn from_dmatrix<T: Element + Scalar>(matrix: &DMatrix<T>) -> Self {
        let data: Vec<T> = matrix.transpose().iter().copied().collect();
        Self::from_data(data, [matrix.nrows(), matrix.ncols()])
    }

    /// A 1-D tensor with the elements of a vector.
    pub fn from_dvector<T: Element + Scalar>(vector: &DVector<T>) -> Self {
        vector.as_slice().into()
    }

    /// A matrix with the elements of a 2-D tensor.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the rank is 2, or
    /// [`gradus_core::Error::UnsupportedDType`] if `T` is not the dtype.
    pub fn to_dmatrix<T: Element + Scalar>(&self) -> Result<DMatrix<T>> {
        require("to_dmatrix", T::DTYPE, self.dtype())?;
        let [rows, columns] = extents("to_dmatrix", self.shape(), "[rows, columns]")?;
        Ok(DMatrix::from_row_slice(rows, columns, &self.elements::<T>()))
    }

    /// A vector with the elements of a 1-D tensor.
    ///
    /// # Errors
    /// As [`Tensor::to_dmatrix`], with rank 1.
    pub fn to_dvector<T: Element + Scalar>(&self) -> Result<DVector<T>> {
        require("to_dvector", T::DTYPE, self.dtype())?;
        let [_] = extents("to_dvector", self.shape(), "[len]")?;
        Ok(DVector::from_column_slice(&self.elements::<T>()))
    }
}
