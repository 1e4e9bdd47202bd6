//! `softmax`, `log_softmax`.

use gradus_core::Dim;
use gradus_cpu::memory::take;
use gradus_cpu::reduce as kernel;

use crate::dtypes::{float, same};
use crate::{Result, Tensor};

impl Tensor {
    /// eˣ / Σ eˣ along a dimension, without overflow. A row of −∞ gives NaN.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::UnsupportedDType`] if the
    /// dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let p = Tensor::new([1.0, 1.0]).softmax(-1)?;
    /// assert_eq!(p.to_vec::<f32>()?, [0.5, 0.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "softmax";
        let (x, back) = self.rows(op, dim.into())?;
        float!(op, self.dtype(), T => {
            let mut out = take(x.len());
            kernel::softmax::<T>(back.extent, &x.elements(), &mut out);
            Self::from_data(out, x.shape()).transpose(back.dim, back.last)
        })
    }

    /// x − ln Σ eˣ along a dimension, without overflow. A row of −∞ gives NaN.
    ///
    /// # Errors
    /// As [`Tensor::softmax`].
    pub fn log_softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "log_softmax";
        let (x, back) = self.rows(op, dim.into())?;
        float!(op, self.dtype(), T => {
            let mut out = take(x.len());
            kernel::log_softmax::<T>(back.extent, &x.elements(), &mut out);
            Self::from_data(out, x.shape()).transpose(back.dim, back.last)
        })
    }

    /// y (g − Σ g y) along a dimension: the gradient of [`Tensor::softmax`], where `self` is its
    /// result y and g the gradient of that.
    ///
    /// # Errors
    /// As [`Tensor::softmax`], and [`gradus_core::Error::ShapeMismatch`] or
    /// [`gradus_core::Error::DTypeMismatch`].
    pub fn softmax_grad(&self, grad: &Self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "softmax";
        let (y, g, back) = self.rows_of_two(op, grad, dim.into())?;
        float!(op, self.dtype(), T => {
            let mut out = take(y.len());
            kernel::softmax_grad::<T>(back.extent, &y.elements(), &g.elements(), &mut out);
            Self::from_data(out, y.shape()).transpose(back.dim, back.last)
        })
    }

    /// g − eʸ Σ g along a dimension: the gradient of [`Tensor::log_softmax`], where `self` is its
    /// result y and g the gradient of that.
    ///
    /// # Errors
    /// As [`Tensor::softmax_grad`].
    pub fn log_softmax_grad(&self, grad: &Self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "log_softmax";
        let (y, g, back) = self.rows_of_two(op, grad, dim.into())?;
        float!(op, self.dtype(), T => {
            let mut out = take(y.len());
            kernel::log_softmax_grad::<T>(back.extent, &y.elements(), &g.elements(), &mut out);
            Self::from_data(out, y.shape()).transpose(back.dim, back.last)
        })
    }

    fn rows_of_two(&self, op: &'static str, other: &Self, dim: Dim) -> Result<(Self, Self, Moved)> {
        same(op, self.dtype(), other.dtype())?;
        if self.shape() != other.shape() {
            let (lhs, rhs) = (self.shape().clone(), other.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let (x, back) = self.rows(op, dim)?;
        let other = other.transpose(back.dim, back.last)?;
        Ok((x, other, back))
    }

    /// The dimension made the last, and how it came there.
    fn rows(&self, op: &'static str, dim: Dim) -> Result<(Self, Moved)> {
        let dim = dim.resolve(op, self.rank())?;
        let last = self.rank() - 1;
        // A row of nothing has no kernel to run on.
        let extent = self.dims()[dim].max(1);
        Ok((self.transpose(dim, last)?, Moved { dim, last, extent }))
    }
}

/// A dimension that was swapped with the last.
struct Moved {
    dim: usize,
    last: usize,
    extent: usize,
}
