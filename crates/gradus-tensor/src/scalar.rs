//! Tensors with a constant: `x + 1`.

use gradus_core::BinaryOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::memory::take;

use crate::binary::supported;
use crate::dtypes::{every, number};
use crate::error::from_kernel;
use crate::{Element, Result, Tensor};

impl Tensor {
    /// `op(x, constant)` for every element. Floats round the constant to the dtype first.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] as for [`Tensor::binary`], or
    /// [`gradus_core::Error::InvalidArgument`] if an integer dtype cannot hold the constant.
    pub fn binary_scalar(&self, op: BinaryOp, constant: f64) -> Result<Self> {
        let name = op.name();
        supported(op, self.dtype())?;
        number!(name, self.dtype(), T => {
            let constant = exact::<T>(name, "constant", constant)?;
            let mut out = take(self.len());
            kernel::binary_scalar(op, &self.elements(), constant, &mut out)
                .map_err(|error| from_kernel(name, error, self.len()))?;
            Ok(Self::from_data(out, self.shape()))
        })
    }

    /// `x + constant`.
    ///
    /// # Errors
    /// As [`Tensor::binary_scalar`].
    pub fn add_scalar(&self, constant: f64) -> Result<Self> {
        self.binary_scalar(BinaryOp::Add, constant)
    }

    /// `x − constant`.
    ///
    /// # Errors
    /// As [`Tensor::binary_scalar`].
    pub fn sub_scalar(&self, constant: f64) -> Result<Self> {
        self.binary_scalar(BinaryOp::Sub, constant)
    }

    /// `x · constant`.
    ///
    /// # Errors
    /// As [`Tensor::binary_scalar`].
    pub fn mul_scalar(&self, constant: f64) -> Result<Self> {
        self.binary_scalar(BinaryOp::Mul, constant)
    }

    /// `x / constant`.
    ///
    /// # Errors
    /// As [`Tensor::binary_scalar`].
    pub fn div_scalar(&self, constant: f64) -> Result<Self> {
        self.binary_scalar(BinaryOp::Div, constant)
    }

    /// A 0-d tensor of the same dtype.
    pub(crate) fn constant(&self, op: &'static str, value: f64) -> Result<Self> {
        every!(self.dtype(), T => exact::<T>(op, "constant", value).map(Self::scalar))
    }
}

/// The value as an element; integers and `bool` must hold it exactly.
pub(crate) fn exact<T: Element>(op: &'static str, name: &'static str, value: f64) -> Result<T> {
    /// 2⁶³, which `i64::MAX` rounds to as `f64`.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let element = T::from_f64(value);
    if T::DTYPE.is_float() || (element.to_f64() == value && value != END) {
        return Ok(element);
    }
    let expected = "a value that the integer dtype can hold";
    let got = value.to_string();
    Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into())
}
