//! `cholesky`.

use gradus_tensor::Triangle;

use crate::ops::det::identity;
use crate::{Result, Var};

impl Var {
    /// The Cholesky factor L of A = L Lᵀ, as `Tensor::cholesky`.
    ///
    /// With Φ the lower triangle and half of the diagonal of Lᵀ g, the gradient is L⁻ᵀ Φ L⁻¹, made
    /// symmetric: that of a function of symmetric matrices, though only the lower triangle is
    /// read. As in PyTorch.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// If a matrix is not square or not positive definite, or an element is not finite.
    ///
    /// # Reference
    /// Murray 2016, "Differentiation of the Cholesky decomposition", eq. 10.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.cholesky`
    pub fn cholesky(&self) -> Result<Self> {
        Ok(self.map_output("cholesky", self.value().cholesky()?, |grad, l| {
            let lt = l.t()?;
            let product = lt.matmul(grad)?.tril(0)?;
            let phi = product.sub(&product.mul(&identity(l)?)?.mul_scalar(0.5)?)?;
            let half = lt.solve_triangular(&phi, Triangle::Upper)?; // L⁻ᵀ Φ
            let whole = lt.solve_triangular(&half.t()?, Triangle::Upper)?; // (L⁻ᵀ Φ L⁻¹)ᵀ
            whole.add(&whole.t()?)?.mul_scalar(0.5)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for n in 0..4 {
            let factor = |x: &[Var]| (x[0].matmul(&x[0].t()?)? + identity(&x[0])?).cholesky();
            check_op(factor, &[normal([2, n, n], 1)]);
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_named() {
        let error = Var::leaf(-normal([2, 1, 1], 1).abs().unwrap()).cholesky().unwrap_err();
        assert_eq!(error.to_string(), "cholesky: the matrix at [0] is not positive definite");
    }
}
