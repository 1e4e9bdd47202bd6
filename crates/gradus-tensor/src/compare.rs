//! Comparisons; the result is `bool`.

use gradus_core::CompareOp;

use crate::dtypes::{every, same};
use crate::elementwise::{map, zip};
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
        every!(same(name, self.dtype(), other.dtype())?, T => match op {
            CompareOp::Eq => zip(name, self, other, |a: T, b: T| a == b),
            CompareOp::Ne => zip(name, self, other, |a: T, b: T| a != b),
            CompareOp::Lt => zip(name, self, other, |a: T, b: T| a < b),
            CompareOp::Le => zip(name, self, other, |a: T, b: T| a <= b),
            CompareOp::Gt => zip(name, self, other, |a: T, b: T| a > b),
            CompareOp::Ge => zip(name, self, other, |a: T, b: T| a >= b),
        })
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
