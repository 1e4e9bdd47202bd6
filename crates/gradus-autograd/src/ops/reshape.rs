//! `reshape`, `flatten`, `squeeze` and `unsqueeze`: the same elements in other extents.

use gradus_core::{Dim, Shape};
use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// The same elements in other extents, one of which may be [`INFER`](gradus_core::INFER).
    ///
    /// The gradient is reshaped back.
    ///
    /// # Errors
    /// If the element counts differ.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.reshape`
    pub fn reshape(&self, shape: impl Into<Shape>) -> Result<Self> {
        let value = self.value().reshape(shape)?;
        if value.shape() == self.shape() {
            return Ok(self.clone());
        }
        Ok(self.reshaped("reshape", value))
    }

    /// Dimensions `start_dim..=end_dim` made one. A number becomes `[1]`.
    ///
    /// # Errors
    /// If a dimension is out of range or they are out of order.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.flatten`
    pub fn flatten(&self, start_dim: impl Into<Dim>, end_dim: impl Into<Dim>) -> Result<Self> {
        Ok(self.reshaped("flatten", self.value().flatten(start_dim, end_dim)?))
    }

    /// A dimension of extent 1 dropped.
    ///
    /// # Errors
    /// If the dimension is out of range or has another extent.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.squeeze`
    pub fn squeeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        Ok(self.reshaped("squeeze", self.value().squeeze(dim)?))
    }

    /// A dimension of extent 1 added before `dim`; `-1` adds it at the end.
    ///
    /// # Errors
    /// If the place is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.unsqueeze`
    pub fn unsqueeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        Ok(self.reshaped("unsqueeze", self.value().unsqueeze(dim)?))
    }

    fn reshaped(&self, name: &'static str, value: Tensor) -> Self {
        let from = self.shape().clone();
        self.map(name, value, move |grad| grad.reshape(&from))
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::INFER;

    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 1, 3], 1)];
        check_op(|x| x[0].reshape([3, INFER]), &x);
        check_op(|x| x[0].t()?.reshape([6]), &x);
        check_op(|x| x[0].flatten(1, -1), &x);
        check_op(|x| x[0].squeeze(1), &x);
        check_op(|x| x[0].unsqueeze(-1), &x);
        check_op(|x| x[0].reshape(())?.flatten(0, -1), &[normal([1, 1], 1)]);
    }
}
