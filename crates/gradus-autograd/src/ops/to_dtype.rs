//! `to_dtype` and `contiguous`: the same elements, stored otherwise.

use gradus_core::DType;

use crate::{Result, Var};

impl Var {
    /// Another element type.
    ///
    /// The gradient is cast back. A cast to integers or truth values ends the graph: the result
    /// is a constant.
    ///
    /// # Errors
    /// As `Tensor::to_dtype`.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.to`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{DType, Tensor};
    /// let x = Var::leaf(Tensor::from([1.5f32]));
    /// let grads = x.to_dtype(DType::F64)?.square()?.backward()?;
    /// assert_eq!(grads.get(&x).map(Tensor::dtype), Some(DType::F32));
    /// assert!(!x.to_dtype(DType::I64)?.requires_grad());
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn to_dtype(&self, dtype: DType) -> Result<Self> {
        let from = self.dtype();
        if from == dtype {
            return Ok(self.clone());
        }
        Ok(self.map("to_dtype", self.value().to_dtype(dtype)?, move |grad| grad.to_dtype(from)))
    }

    /// The same elements in row-major order; without a copy if they are so already.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.contiguous`
    #[must_use]
    pub fn contiguous(&self) -> Self {
        self.map("contiguous", self.value().contiguous(), |grad| Ok(grad.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};
    use crate::{GradCheck, gradcheck};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| Ok(x[0].t()?.contiguous()), &[normal([2, 3], 1)]);
        check_op(|x| x[0].to_dtype(DType::F64), &[normal([2, 3], 1)]);
    }

    #[test]
    fn the_gradient_passes_through_a_narrower_type() {
        // Differences must be large against the rounding of f32.
        let rough = GradCheck { eps: 1e-2, rtol: 1e-3, atol: 1e-3 };
        let through_f32 = |x: &[Var]| x[0].to_dtype(DType::F32)?.to_dtype(DType::F64);
        rough.check(through_f32, &[normal([2, 3], 1)]).unwrap();
        gradcheck(|x| x[0].to_dtype(DType::I64)?.to_dtype(DType::F64), &[normal(3, 1)]).unwrap();
    }
}
