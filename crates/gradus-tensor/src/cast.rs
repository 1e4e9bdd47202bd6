//! Casts between dtypes.

use gradus_core::DType;
use gradus_cpu::elementwise::cast;

use crate::dtypes::every;
use crate::{Result, Tensor};

impl Tensor {
    /// The same values as another dtype; without a copy if it is the same.
    ///
    /// Floats round to nearest. A float becomes an integer by dropping the fraction, saturating, NaN
    /// as 0. `i64` to `u8` keeps the low byte, as Rust's `as`. `bool` is whether the value differs
    /// from 0.
    ///
    /// # Errors
    /// None on this device.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let x = Tensor::new([-1.5, 0.0, 300.0]);
    /// assert_eq!(x.to_dtype(DType::U8)?.to_vec::<u8>()?, [0, 0, 255]);
    /// assert_eq!(x.to_dtype(DType::Bool)?.to_vec::<bool>()?, [true, false, true]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn to_dtype(&self, dtype: DType) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        Ok(every!(self.dtype(), S => every!(dtype, D => {
            let mut data = vec![D::default(); self.len()];
            cast::<S, D>(&self.elements(), &mut data);
            Self::from_data(data, self.shape())
        })))
    }
}
