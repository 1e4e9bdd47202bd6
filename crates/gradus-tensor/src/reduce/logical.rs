//! `any`, `all`.
//!
//! | op | dtypes | PyTorch |
//! |---|---|---|
//! | `any` | bool | `torch.any` |
//! | `all` | bool | `torch.all` |

use gradus_core::Dims;
use gradus_cpu::reduce as kernel;

use crate::dtypes::require;
use crate::reduce::axes::{Axes, Place, Reduced};
use crate::reduce::with_keepdim;
use crate::{DType, Result, Tensor};

with_keepdim! {
    /// Whether one is true; `false` if there is nothing to reduce.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `bool`.
    any, any_keepdim, any_axes()
}

with_keepdim! {
    /// Whether none is false; `true` if there is nothing to reduce.
    ///
    /// # Errors
    /// As [`Tensor::any`].
    all, all_keepdim, all_axes()
}

impl Tensor {
    fn any_axes(&self, dims: &Dims) -> Result<Reduced> {
        require("any", DType::Bool, self.dtype())?;
        Ok(Axes::new("any", self, dims, Place::Together)?.run(kernel::any))
    }

    fn all_axes(&self, dims: &Dims) -> Result<Reduced> {
        require("all", DType::Bool, self.dtype())?;
        Ok(Axes::new("all", self, dims, Place::Together)?.run(kernel::all))
    }
}
