//! Comparisons; the result is `bool`.

use gradus_core::CompareOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::memory::take;
use gradus_cpu::strided::compare_strided;

use crate::dtypes::{every, same};
use crate::elementwise::map;
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

/// Stamps one method per comparison, with a tensor and with a constant.
macro_rules! compare {
    ($($method:ident $scalar:ident $op:ident $symbol:literal,)*) => {
        impl Tensor {
            $(
                #[doc = concat!("Whether a ", $symbol, " b, element by element with broadcasting.")]
                ///
                /// # Errors
                /// As [`Tensor::compare`].
                pub fn $method(&self, other: &Self) -> Result<Self> {
                    self.compare(CompareOp::$op, other)
                }

                #[doc = concat!("Whether x ", $symbol, " a constant, which is rounded to the dtype first.")]
                ///
                /// # Errors
                /// [`gradus_core::Error::InvalidArgument`] if an integer dtype cannot hold the
                /// constant.
                pub fn $scalar(&self, constant: f64) -> Result<Self> {
                    self.compare(CompareOp::$op, &self.constant(stringify!($scalar), constant)?)
                }
            )*
        }
    };
}

compare! {
    eq eq_scalar Eq "=",
    ne ne_scalar Ne "≠",
    lt lt_scalar Lt "<",
    le le_scalar Le "≤",
    gt gt_scalar Gt ">",
    ge ge_scalar Ge "≥",
}

impl Tensor {
    /// A comparison of the table, for every pair of elements. NaN differs from everything;
    /// `false < true`.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`] or [`gradus_core::Error::DTypeMismatch`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 5, 3]);
    /// assert_eq!(x.gt_scalar(2.0)?.to_vec::<bool>()?, [false, true, true]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn compare(&self, op: CompareOp, other: &Self) -> Result<Self> {
        let name = op.name();
        let dtype = same(name, self.dtype(), other.dtype())?;
        let shape = self.shape().broadcast(name, other.shape())?;
        let mut out = take(checked_len(name, &shape, DType::Bool)?);
        every!(dtype, T => {
            let fits = |x: &Self| x.shape() == &shape;
            match (self.slice::<T>(), other.slice::<T>()) {
                (Some(a), Some(b)) if fits(self) && fits(other) => kernel::compare(op, a, b, &mut out),
                (Some(a), Some(&[b])) if fits(self) => kernel::compare_scalar(op, a, b, &mut out),
                _ => {
                    let a = (self.block::<T>(), &self.layout().expand(&shape)?);
                    let b = (other.block::<T>(), &other.layout().expand(&shape)?);
                    compare_strided(op, a, b, &mut out);
                }
            }
        });
        Ok(Self::from_data(out, shape))
    }

    /// Whether each element is NaN; never, for integers and `bool`.
    ///
    /// # Errors
    /// None on this device.
    pub fn is_nan(&self) -> Result<Self> {
        Ok(match self.dtype() {
            DType::F32 => map(self, f32::is_nan),
            DType::F64 => map(self, f64::is_nan),
            DType::BF16 => map(self, crate::bf16::is_nan),
            _ => Self::zeros(self.shape(), DType::Bool)?,
        })
    }

    /// Whether each element is neither infinite nor NaN; always, for integers and `bool`.
    ///
    /// # Errors
    /// None on this device.
    pub fn is_finite(&self) -> Result<Self> {
        Ok(match self.dtype() {
            DType::F32 => map(self, f32::is_finite),
            DType::F64 => map(self, f64::is_finite),
            DType::BF16 => map(self, crate::bf16::is_finite),
            _ => Self::ones(self.shape(), DType::Bool)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, indices, pairs, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn pairs_compare_with_broadcasting((a, b, shape) in pairs()) {
            for dtype in DType::ALL {
                let (x, y) = (a.make(dtype), b.make(dtype));
                for &op in CompareOp::ALL {
                    let holds = |i: &Vec<usize>| {
                        let (a, b) = (at(&x, i), at(&y, i));
                        f64::from(u8::from(match op {
                            CompareOp::Eq => a == b,
                            CompareOp::Ne => a != b,
                            CompareOp::Lt => a < b,
                            CompareOp::Le => a <= b,
                            CompareOp::Gt => a > b,
                            CompareOp::Ge => a >= b,
                        }))
                    };
                    let expected: Vec<f64> = indices(&shape).iter().map(holds).collect();
                    assert_close(&x.compare(op, &y).unwrap(), &shape, &expected);
                }
            }
        }
    }

    #[test]
    fn nan_differs_from_everything() {
        let x = Tensor::new([f32::NAN, f32::INFINITY, 1.0]);
        assert_eq!(read(&x.eq(&x).unwrap()), [0.0, 1.0, 1.0]);
        assert_eq!(read(&x.ne(&x).unwrap()), [1.0, 0.0, 0.0]);
        assert_eq!(read(&x.is_nan().unwrap()), [1.0, 0.0, 0.0]);
        assert_eq!(read(&x.is_finite().unwrap()), [0.0, 0.0, 1.0]);
        assert_eq!(read(&Tensor::new([1]).is_finite().unwrap()), [1.0]);
    }

    #[test]
    fn a_constant_is_rounded_to_the_dtype_first() {
        let x = Tensor::new([0.1, 0.2]);
        assert_eq!(read(&x.eq_scalar(0.1).unwrap()), [1.0, 0.0]);
        assert_eq!(read(&Tensor::new([1, 2]).ge_scalar(2.0).unwrap()), [0.0, 1.0]);
        assert!(Tensor::new([1]).lt_scalar(0.5).is_err());
    }
}
