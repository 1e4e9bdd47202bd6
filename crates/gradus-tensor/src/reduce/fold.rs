//! `sum`, `prod`, `max`, `min`.

use gradus_core::Dims;
use gradus_cpu::reduce as kernel;

use crate::dtypes::number;
use crate::reduce::axes::{Axes, Place, Reduced, in_steps};
use crate::reduce::with_keepdim;
use crate::{DType, Result, Tensor};

with_keepdim! {
    /// Σ x. `u8` and `bool` add up to `i64`; `i64` wraps around on overflow; `bf16` is summed in
    /// `f32`. The order of additions depends on the shape alone, and its error grows like that of a
    /// pairwise sum.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum(0)?.to_vec::<f32>()?, [4.0, 6.0]);
    /// assert_eq!(x.sum_keepdim(-1)?.dims(), [2, 1]);
    /// assert_eq!(x.sum(..)?.item()?, 10.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    sum, sum_keepdim, sum_axes()
}

with_keepdim! {
    /// Π x, in the dtypes of [`Tensor::sum`].
    ///
    /// # Errors
    /// As [`Tensor::sum`].
    prod, prod_keepdim, prod_axes()
}

with_keepdim! {
    /// The largest element; NaN wins.
    ///
    /// # Errors
    /// As [`Tensor::sum`]; [`gradus_core::Error::EmptyReduction`] if there is nothing to reduce;
    /// [`gradus_core::Error::UnsupportedDType`] for `bool`.
    max, max_keepdim, max_axes()
}

with_keepdim! {
    /// The smallest element; NaN wins.
    ///
    /// # Errors
    /// As [`Tensor::max`].
    min, min_keepdim, min_axes()
}

impl Tensor {
    pub(crate) fn sum_axes(&self, dims: &Dims) -> Result<Reduced> {
        if matches!(self.dtype(), DType::U8 | DType::Bool) {
            return self.to_dtype(DType::I64)?.sum_axes(dims);
        }
        // `bf16` would be rounded between the steps.
        if self.dtype() != DType::BF16
            && let Some(sum) = in_steps("sum", self, dims, Self::sum_axes)?
        {
            return Ok(sum);
        }
        let axes = Axes::new("sum", self, dims, Place::Together)?;
        Ok(number!("sum", self.dtype(), T => axes.run(kernel::sum::<T>)))
    }

    fn prod_axes(&self, dims: &Dims) -> Result<Reduced> {
        if matches!(self.dtype(), DType::U8 | DType::Bool) {
            return self.to_dtype(DType::I64)?.prod_axes(dims);
        }
        let axes = Axes::new("prod", self, dims, Place::Together)?;
        Ok(number!("prod", self.dtype(), T => axes.run(kernel::prod::<T>)))
    }

    pub(crate) fn max_axes(&self, dims: &Dims) -> Result<Reduced> {
        let axes = Axes::new("max", self, dims, Place::Together)?;
        axes.require_elements("max", self)?;
        Ok(number!("max", self.dtype(), T => axes.run(kernel::max::<T>)))
    }

    pub(crate) fn min_axes(&self, dims: &Dims) -> Result<Reduced> {
        let axes = Axes::new("min", self, dims, Place::Together)?;
        axes.require_elements("min", self)?;
        Ok(number!("min", self.dtype(), T => axes.run(kernel::min::<T>)))
    }
}
