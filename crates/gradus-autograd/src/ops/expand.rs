//! `expand`.

use gradus_core::Shape;

use crate::{Result, Var};

impl Var {
    /// Extents of 1, and absent leading ones, repeated without a copy.
    ///
    /// The gradient is summed over the repetitions.
    ///
    /// # Errors
    /// If this shape does not broadcast to `shape`.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.expand`
    pub fn expand(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        if *self.shape() == shape {
            return Ok(self.clone());
        }
        let value = self.value().expand(shape)?;
        let from = self.shape().clone();
        Ok(self.map("expand", value, move |grad| grad.sum_to(&from)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].expand([2, 4, 3]), &[normal([4, 1], 1)]);
        check_op(|x| x[0].expand([4, 1]), &[normal([4, 1], 1)]);
        check_op(|x| x[0].expand([2, 0, 3]), &[normal([1, 3], 1)]);
    }
}
