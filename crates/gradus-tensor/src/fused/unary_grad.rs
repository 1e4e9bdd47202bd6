//! `unary_grad`.

use gradus_core::UnaryOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::memory::take;

use crate::dtypes::{float, same, unsupported};
use crate::{Result, Tensor};

impl Tensor {
    /// `grad` times the derivative of an op, in one pass.
    ///
    /// `self` is what the derivative is worked out from: the op's input for `Square`, `Reciprocal`,
    /// `Log`, `Sin`, `Cos`, `Gelu`, `GeluTanh`, `Silu` and `Softplus`; its output for `Sqrt`, `Exp`,
    /// `Tanh`, `Sigmoid` and `Relu`.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`], or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float or the op is another.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Tensor, UnaryOp};
    /// let (y, g) = (Tensor::new([0.0, 3.0]), Tensor::new([5.0, 7.0]));
    /// assert_eq!(y.unary_grad(UnaryOp::Relu, &g)?.to_vec::<f32>()?, [0.0, 7.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn unary_grad(&self, op: UnaryOp, grad: &Self) -> Result<Self> {
        let name = op.name();
        let dtype = same(name, self.dtype(), grad.dtype())?;
        if self.shape() != grad.shape() {
            let (lhs, rhs) = (self.shape().clone(), grad.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op: name, lhs, rhs }.into());
        }
        Ok(float!(name, dtype, T => {
            let mut out = take(self.len());
            kernel::unary_grad::<T>(op, &self.elements(), &grad.elements(), &mut out)
                .map_err(|_| unsupported(name, "an op with a gradient of its own", dtype))?;
            Self::from_data(out, self.shape())
        }))
    }
}
