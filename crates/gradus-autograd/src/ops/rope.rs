//! `rope` and `rope_grad`.

use crate::{Result, Var};

impl Var {
    /// Rotary position embedding of `[..., T, D]`: each vector turned by angles that grow with its
    /// place, the first being at `start`. See `Tensor::rope`.
    ///
    /// A rotation's transpose is its inverse, so the gradient is turned back.
    ///
    /// # Errors
    /// If D is odd, `base` is not above zero, or the dtype is no float.
    ///
    /// # PyTorch
    /// none; rotary embeddings are left to models
    pub fn rope(&self, start: usize, base: f64) -> Result<Self> {
        let value = self.value().rope(start, base)?;
        Ok(self.map("rope", value, move |grad| grad.rope_grad(start, base)))
    }

    /// The inverse of [`Var::rope`], and its gradient.
    ///
    /// # Errors
    /// As [`Var::rope`].
    ///
    /// # PyTorch
    /// none
    pub fn rope_grad(&self, start: usize, base: f64) -> Result<Self> {
        let value = self.value().rope_grad(start, base)?;
        Ok(self.map("rope_grad", value, move |grad| grad.rope(start, base)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for start in [0, 5] {
            check_op(|x| x[0].rope(start, 10.0), &[normal([2, 3, 4], 1)]);
            check_op(|x| x[0].rope_grad(start, 10.0), &[normal([3, 2], 1)]);
        }
    }

    #[test]
    fn turning_back_gives_the_vector() {
        let x = Var::from(normal([2, 3, 4], 1));
        let back = x.rope(3, 1e4).unwrap().rope_grad(3, 1e4).unwrap();
        assert!(back.value().allclose(x.value(), 1e-12, 1e-14).unwrap());
    }
}
