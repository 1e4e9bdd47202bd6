//! `det` and `slogdet`.

use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// The determinant; 1 for an empty matrix.
    ///
    /// The gradient is the matrix of cofactors, det(A) A⁻ᵀ. Where A is (almost) singular it comes
    /// from the adjugate by the recursion of Faddeev and `LeVerrier`, a polynomial, so that every
    /// order of derivative exists there, too; beyond some 20 rows that loses digits.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[...]`
    ///
    /// # Errors
    /// If the matrices are not square, the dtype is not f32 or f64, or an element is not finite.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let a = Var::leaf(Tensor::from([[1.0f64, 2.0], [2.0, 4.0]])); // singular
    /// let grads = a.det()?.backward()?;
    /// let da = grads.get(&a).map(|g| g.to_vec::<f64>());
    /// assert_eq!(da, Some(Ok(vec![4.0, -2.0, -2.0, 1.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.det`
    pub fn det(&self) -> Result<Self> {
        let a = self.clone();
        Ok(self.map_output("det", self.value().det()?, move |grad, det| {
            cofactors(&a, det)?.mul(&per_matrix(grad)?)
        }))
    }

    /// The sign of the determinant and the logarithm of its absolute value, as
    /// `Tensor::slogdet`.
    ///
    /// The gradient of the logarithm is A⁻ᵀ; the sign is constant.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[...]`, `[...]`
    ///
    /// # Errors
    /// As [`Var::det`]; in the gradient, if a matrix is singular.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.slogdet`
    pub fn slogdet(&self) -> Result<(Tensor, Self)> {
        let (sign, log) = self.value().slogdet()?;
        let a = self.clone();
        let log = self.map("slogdet", log, move |grad| a.inverse()?.t()?.mul(&per_matrix(grad)?));
        Ok((sign, log))
    }
}

/// `[...]` → `[..., 1, 1]`
fn per_matrix(x: &Var) -> Result<Var> {
    x.unsqueeze(-1)?.unsqueeze(-1)
}

fn cofactors(a: &Var, det: &Var) -> Result<Var> {
    let regular = |a: &Var| a.inverse()?.t()?.mul(&per_matrix(det)?);
    let singular = singular(a.value(), det.value())?;
    if !singular.to_vec::<bool>()?.contains(&true) {
        return regular(a);
    }
    let harmless = Var::where_cond(&singular, &identity(a)?, a)?;
    Var::where_cond(&singular, &adjugate(a)?.t()?, &regular(&harmless)?)
}

/// `[..., 1, 1]`: which matrices are so near to a singular one that the derivatives of the inverse
/// would cancel.
fn singular(a: &Tensor, det: &Tensor) -> gradus_tensor::Result<Tensor> {
    /// Half of the digits, in f64 and in f32.
    const NEAR: [f64; 2] = [1e-8, 1e-4];
    let zero = det.eq_scalar(0.0)?.unsqueeze(-1)?.unsqueeze(-1)?;
    if a.is_empty() {
        return Ok(zero);
    }
    let eye = Tensor::eye(a.size(-1)?, a.dtype())?;
    let inverse = Tensor::where_cond(&zero, &eye, a)?.inverse()?;
    let largest = |x: &Tensor| x.abs()?.max_keepdim([-2, -1]);
    let near = NEAR[usize::from(a.dtype() == gradus_tensor::DType::F32)];
    let condition = largest(a)?.mul(&largest(&inverse)?)?;
    zero.logical_or(&condition.gt_scalar(1.0 / near)?)
}

/// M₁ = 1, Mₖ = A Mₖ₋₁ − tr(A Mₖ₋₁)/(k − 1) · 1, adj A = (−1)ⁿ⁻¹ Mₙ
fn adjugate(a: &Var) -> Result<Var> {
    let (n, eye) = (a.size(-1)?, identity(a)?);
    let mut m = eye.clone();
    for k in 1..n {
        let am = a.matmul(&m)?;
        let trace = am.mul(&eye)?.sum_keepdim([-2, -1])?.div_scalar(k as f64)?;
        m = am.sub(&eye.mul(&trace)?)?;
    }
    if n.is_multiple_of(2) { m.neg() } else { Ok(m) }
}

/// The identity matrices of a batch of square matrices.
pub(super) fn identity(a: &Var) -> Result<Var> {
    Ok(Var::constant(Tensor::eye(a.size(-1)?, a.dtype())?.expand(a.shape())?))
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for n in 0..4 {
            check_op(|x| x[0].det(), &[normal([2, n, n], 1)]);
            check_op(|x| Ok(x[0].slogdet()?.1), &[normal([2, n, n], 1)]);
        }
    }

    #[test]
    fn singular_matrices_have_derivatives_of_the_determinant() {
        for (n, rank) in [(1, 0), (2, 1), (2, 0), (3, 2), (3, 1), (4, 3)] {
            // Small integers: the determinant is exactly 0.
            let draw = |shape: [usize; 2], seed| (normal(shape, seed) * 2.0).round().unwrap();
            let low = draw([n, rank], 1).matmul(&draw([rank, n], 2)).unwrap();
            let a = Tensor::stack(&[low, normal([n, n], 3)], 0).unwrap();
            check_op(|x| x[0].det(), &[a]);
        }
    }

    #[test]
    fn the_logarithm_is_that_of_the_determinant() {
        let a = Var::from(normal([3, 2, 2], 1));
        let (sign, log) = a.slogdet().unwrap();
        let det = log.exp().unwrap().mul(&sign.into()).unwrap();
        assert!(det.value().allclose(a.det().unwrap().value(), 1e-12, 1e-12).unwrap());
        let (sign, log) = Var::from(Tensor::zeros([1, 1], DType::F64).unwrap()).slogdet().unwrap();
        assert_eq!((sign.item().unwrap(), log.item().unwrap()), (0.0, f64::NEG_INFINITY));
    }
}
