//! `cumsum`.

use gradus_core::{Dim, Dims};
use gradus_cpu::memory::take;
use gradus_cpu::reduce as kernel;

use crate::dtypes::number;
use crate::reduce::axes::{Axes, Place};
use crate::{DType, Result, Tensor};

impl Tensor {
    /// The running sum along a dimension, added in order. `u8` and `bool` add up to `i64`; `i64`
    /// wraps around on overflow; `bf16` is summed in `f32`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([1, 2, 3]).cumsum(0)?.to_vec::<i64>()?, [1, 3, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cumsum(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into();
        if matches!(self.dtype(), DType::U8 | DType::Bool) {
            return self.to_dtype(DType::I64)?.cumsum(dim);
        }
        let axes = Axes::new("cumsum", self, &Dims::from(dim), Place::Together)?;
        Ok(number!("cumsum", self.dtype(), T => {
            let mut out = take(self.len());
            kernel::cumsum::<T>(axes.axis, &axes.input.elements(), &mut out);
            Self::from_data(out, self.shape())
        }))
    }
}
