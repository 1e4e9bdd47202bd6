//! `pinv` and `lstsq`.

use crate::ops::det::identity;
use crate::{Result, Var};

impl Var {
    /// The Moore–Penrose inverse P of A, as `Tensor::pinv`.
    ///
    /// The gradient is −Pᵀ g Pᵀ + (1 − A P) gᵀ P Pᵀ + Pᵀ P gᵀ (1 − P A): right as long as the rank of A stays
    /// the same, since the inverse jumps where it changes.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., N, M]`
    ///
    /// # Errors
    /// As [`Var::svd`].
    ///
    /// # Reference
    /// Golub & Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least squares
    /// problems whose variables separate".
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.pinv`
    pub fn pinv(&self) -> Result<Self> {
        let a = self.clone();
        Ok(self.map_output("pinv", self.value().pinv()?, move |grad, p| {
            let (pt, gt) = (p.t()?, grad.t()?);
            let (ap, pa) = (a.matmul(p)?, p.matmul(&a)?);
            let inside = pt.matmul(grad)?.matmul(&pt)?;
            let left = identity(&ap)?.sub(&ap)?.matmul(&gt)?.matmul(&p.matmul(&pt)?)?;
            let right = pt.matmul(p)?.matmul(&gt)?.matmul(&identity(&pa)?.sub(&pa)?)?;
            left.add(&right)?.sub(&inside)
        }))
    }

    /// The X that makes ‖A X − b‖ smallest; among several, the one of smallest norm. It is
    /// [`Var::pinv`] times b.
    ///
    /// # Shapes
    /// `[..., M, N]`, b `[..., M, K]` → `[..., N, K]`, leading dimensions broadcast;
    /// `[..., M, N]`, b `[M]` → `[..., N]`
    ///
    /// # Errors
    /// As [`Var::pinv`], or if shapes or dtypes do not fit.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.lstsq`, of which this is the solution, also where rank is missing
    pub fn lstsq(&self, b: &Self) -> Result<Self> {
        self.pinv()?.matmul(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for [m, n] in [[2, 2], [4, 2], [2, 3], [0, 2], [2, 0]] {
            let a = normal([2, m, n], 1);
            check_op(|x| x[0].pinv(), std::slice::from_ref(&a));
            check_op(|x| x[0].lstsq(&x[1]), &[a.clone(), normal([m, 2], 2)]);
            check_op(|x| x[0].lstsq(&x[1]), &[a, normal(m, 2)]);
        }
    }

    #[test]
    fn missing_rank_that_stays_has_a_derivative() {
        let product = |x: &[Var]| x[0].matmul(&x[1])?.pinv();
        check_op(product, &[normal([3, 1], 1), normal([1, 2], 2)]);
    }
}
