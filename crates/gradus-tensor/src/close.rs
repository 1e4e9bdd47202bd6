//! Whether two tensors agree.

use crate::dtypes::{every, same};
use crate::elementwise::zip;
use crate::{Element, Result, Tensor};

impl Tensor {
    /// Whether |a − b| ≤ `atol` + `rtol`·|b| for every pair of elements, with broadcasting. Equal
    /// infinities agree; NaN agrees with nothing.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`] or [`gradus_core::Error::DTypeMismatch`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1.0, 2.0]);
    /// assert!(x.allclose(&(&x + 1e-6), 1e-5, 1e-8)?);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn allclose(&self, other: &Self, rtol: f64, atol: f64) -> Result<bool> {
        let op = "allclose";
        every!(same(op, self.dtype(), other.dtype())?, T => {
            let close = zip(op, self, other, |a: T, b: T| {
                let (x, y) = (a.to_f64(), b.to_f64());
                // An infinite tolerance must not make a number agree with infinity.
                a == b || ((x - y).is_finite() && (x - y).abs() <= atol + rtol * y.abs())
            })?;
            Ok(close.elements::<bool>().iter().all(|&x| x))
        })
    }

    /// Whether dtype, shape and every element are the same. NaN equals nothing.
    pub fn equal(&self, other: &Self) -> bool {
        self.dtype() == other.dtype()
            && self.shape() == other.shape()
            && every!(self.dtype(), T => *self.elements::<T>() == *other.elements::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_and_nan() {
        let x = Tensor::new([f32::INFINITY, 1.0]);
        assert!(x.allclose(&x, 0.0, 0.0).unwrap());
        assert!(!x.allclose(&Tensor::new([1.0, 1.0]), 1.0, f64::INFINITY).unwrap());
        assert!(!Tensor::new([1.0]).allclose(&Tensor::new([f32::INFINITY]), 1.0, 1.0).unwrap());
        let nan = Tensor::new([f32::NAN]);
        assert!(!nan.allclose(&nan, 1.0, 1.0).unwrap());
        assert!(!nan.equal(&nan));
        assert!(x.allclose(&Tensor::new([1.0, 2.0, 3.0]), 1.0, 1.0).is_err());
    }

    #[test]
    fn equal_looks_at_values_not_at_layouts() {
        let x = Tensor::new([[1, 2], [3, 4]]);
        let y = Tensor::new([[1, 3], [2, 4]]).t().unwrap();
        assert!(x.equal(&y));
        assert!(!x.equal(&y.t().unwrap()));
        assert!(!x.equal(&Tensor::new([1, 2, 3, 4])));
        assert!(!x.equal(&x.to_dtype(crate::DType::F32).unwrap()));
    }
}
