//! Casts between dtypes.

use gradus_core::DType;
use gradus_cpu::elementwise::cast;
use gradus_cpu::memory::take;

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
            let mut data = take(self.len());
            cast::<S, D>(&self.elements(), &mut data);
            Self::from_data(data, self.shape())
        })))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, cases, read, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn small_integers_survive_every_dtype(recipe in recipes(3)) {
            let x = recipe.make(DType::I64).abs().unwrap();
            for dtype in [DType::F32, DType::F64, DType::BF16, DType::U8] {
                let there = recipe.make(DType::I64).abs().unwrap().to_dtype(dtype).unwrap();
                assert_close(&there, x.dims(), &read(&x));
                let view = recipe.make(dtype).to_dtype(DType::F64).unwrap();
                assert_close(&view, x.dims(), &read(&recipe.make(dtype)));
            }
        }
    }

    #[test]
    fn integers_saturate_and_bool_is_not_zero() {
        let x = Tensor::from([f64::NAN, 1e30, -1e30, 2.9, -2.9]);
        let i = x.to_dtype(DType::I64).unwrap().to_vec::<i64>().unwrap();
        assert_eq!(i, [0, i64::MAX, i64::MIN, 2, -2]);
        let b = x.to_dtype(DType::Bool).unwrap().to_vec::<bool>().unwrap();
        assert_eq!(b, [true; 5]);
        let third = Tensor::from([1.0f64 / 3.0]).to_dtype(DType::BF16).unwrap();
        assert_eq!(third.item().unwrap(), 0.333_984_375);
    }
}
