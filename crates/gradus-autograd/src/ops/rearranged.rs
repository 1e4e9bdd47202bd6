//! What ops share that only move and repeat elements.

use gradus_tensor::Tensor;

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// An op each of whose results is one of the elements: `f` does the same with any dtype.
    ///
    /// `f` of the numbers of the elements says where the results come from; there the gradient is
    /// added up.
    pub(super) fn rearranged(
        &self,
        name: &'static str,
        f: impl Fn(&Tensor) -> gradus_tensor::Result<Tensor> + Send + Sync + 'static,
    ) -> Result<Self> {
        let value = f(self.value())?;
        let (shape, dtype) = (self.shape().clone(), self.dtype());
        Ok(self.map(name, value, move |grad| {
            let len = shape.len();
            let numbers: Vec<i64> = (0..len as i64).collect();
            let sources = f(&Tensor::from_vec(numbers, &shape)?)?.flatten(0, -1)?;
            let (zeros, grad) = (Tensor::zeros(len, dtype)?, grad.flatten(0, -1)?);
            let sums = if is_grad_enabled() {
                Self::constant(zeros).scatter_add(0, &sources, &grad)?
            } else {
                Self::constant(zeros.index_add(0, &sources, grad.value())?)
            };
            sums.reshape(&shape)
        }))
    }
}
