//! Casts between dtypes.

use gradus_core::DType;

use crate::dtypes::every;
use crate::{Element, Result, Tensor};

impl Tensor {
    /// The same values as another dtype; without a copy if it is the same.
    ///
    /// Floats round to nearest, integers drop the fraction and saturate (NaN gives 0), `bool` is
    /// whether the value differs from 0.
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
            let data = self.elements::<S>().iter().map(|x| D::from_f64(x.to_f64())).collect();
            Self::from_data::<D>(data, self.shape())
        })))
    }
}
