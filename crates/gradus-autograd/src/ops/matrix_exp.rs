//! `matrix_exp`.

use crate::{Result, Var};

impl Var {
    /// The matrix exponential Σ Aᵏ / k!, as `Tensor::matrix_exp`.
    ///
    /// The gradient is the upper right block of exp([[Aᵀ, g], [0, Aᵀ]]).
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// If the matrices are not square, the dtype is not f32 or f64, or an element is not finite.
    ///
    /// # Reference
    /// Mathias 1996, "A chain rule for matrix functions and applications", theorem 2.1.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.matrix_exp`
    pub fn matrix_exp(&self) -> Result<Self> {
        let a = self.clone();
        Ok(self.map("matrix_exp", self.value().matrix_exp()?, move |grad| {
            let (n, at) = (a.size(-1)?, a.t()?);
            let above = Self::cat(&[at.clone(), grad.clone()], -1)?;
            let below = Self::cat(&[at.zeros_like(), at], -1)?;
            let blocks = Self::cat(&[above, below], -2)?;
            blocks.matrix_exp()?.narrow(-2, 0, n)?.narrow(-1, n, n)
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for n in 0..4 {
            check_op(|x| x[0].matrix_exp(), &[normal([2, n, n], 1)]);
        }
    }
}
