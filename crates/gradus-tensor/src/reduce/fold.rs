//! `sum`, `prod`, `max`, `min`.

use gradus_core::{Dims, ReduceOp};

use crate::dtypes::{number, unsupported};
use crate::reduce::axes::{Axes, Reduced};
use crate::reduce::with_keepdim;
use crate::{DType, Result, Tensor};

with_keepdim! {
    /// Σ x. `u8` and `bool` add up to `i64`; `i64` wraps around on overflow.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] for `bf16`.
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
    /// [`gradus_core::Error::UnsupportedDType`] for `bf16` and `bool`.
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
        self.accumulate(ReduceOp::Sum, dims)
    }

    fn prod_axes(&self, dims: &Dims) -> Result<Reduced> {
        self.accumulate(ReduceOp::Prod, dims)
    }

    pub(crate) fn max_axes(&self, dims: &Dims) -> Result<Reduced> {
        self.extreme(ReduceOp::Max, dims)
    }

    fn min_axes(&self, dims: &Dims) -> Result<Reduced> {
        self.extreme(ReduceOp::Min, dims)
    }

    fn accumulate(&self, op: ReduceOp, dims: &Dims) -> Result<Reduced> {
        let axes = |x: &Self| Axes::new(op.name(), x, dims);
        let is_sum = op == ReduceOp::Sum;
        match self.dtype() {
            DType::F32 => Ok(axes(self)?.fold(|xs: &mut dyn Iterator<Item = f32>| {
                let xs = xs.map(f64::from);
                (if is_sum { xs.sum::<f64>() } else { xs.product() }) as f32
            })),
            DType::F64 => Ok(axes(self)?.fold(
                |xs: &mut dyn Iterator<Item = f64>| {
                    if is_sum { xs.sum::<f64>() } else { xs.product() }
                },
            )),
            DType::I64 => Ok(axes(self)?.fold(|xs: &mut dyn Iterator<Item = i64>| {
                if is_sum { xs.fold(0, i64::wrapping_add) } else { xs.fold(1, i64::wrapping_mul) }
            })),
            DType::U8 | DType::Bool => self.to_dtype(DType::I64)?.accumulate(op, dims),
            got @ DType::BF16 => Err(unsupported(op.name(), "any other dtype", got)),
        }
    }

    fn extreme(&self, op: ReduceOp, dims: &Dims) -> Result<Reduced> {
        let axes = Axes::new(op.name(), self, dims)?;
        Ok(number!(op.name(), self.dtype(), T => {
            axes.require_elements(self.shape())?;
            axes.fold(|xs: &mut dyn Iterator<Item = T>| {
                let better = |a: T, b: T| if op == ReduceOp::Max { a > b } else { a < b };
                xs.reduce(|best, x| {
                    let is_nan = |x: T| x.partial_cmp(&x).is_none();
                    if is_nan(best) || (!is_nan(x) && !better(x, best)) { best } else { x }
                })
                .expect("an empty reduction is refused above")
            })
        }))
    }
}
