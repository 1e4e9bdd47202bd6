//! `eigh`.

use crate::ops::det::identity;
use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// Eigenvalues (rising) and eigenvectors (columns) of symmetric matrices, as `Tensor::eigh`.
    ///
    /// The gradient is `V (diag g_λ + (Vᵀ g_V) / E) Vᵀ`, made symmetric, with Eᵢⱼ = λⱼ − λᵢ off the diagonal:
    /// that of a function of symmetric matrices, though only the lower triangle is read. The
    /// gradient of the vectors is infinite or NaN where two values meet. A loss must not depend on
    /// the signs of the vectors, which are not determined. As in PyTorch.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N]`, `[..., N, N]`
    ///
    /// # Errors
    /// If the matrices are not square, the dtype is not f32 or f64, or an element is not finite.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.eigh`
    #[expect(clippy::missing_panics_doc, reason = "it cannot: an output per value")]
    pub fn eigh(&self) -> Result<(Self, Self)> {
        let (values, vectors) = self.value().eigh()?;
        let (a, saved) = (self.clone(), [values.clone(), vectors.clone()]);
        let outputs = Self::from_op_outputs("eigh", &[self], vec![values, vectors], move |grads| {
            let factors = match is_grad_enabled() {
                true => <[Self; 2]>::from(a.eigh()?),
                false => saved.each_ref().map(Self::from),
            };
            Ok(vec![Some(vjp(&factors, grads)?)])
        });
        let [values, vectors] = <[Self; 2]>::try_from(outputs).expect("two values, two outputs");
        Ok((values, vectors))
    }
}

fn vjp([values, vectors]: &[Var; 2], grads: &[Option<Var>]) -> Result<Var> {
    let eye = identity(vectors)?;
    let by_values = grads[0].clone().unwrap_or_else(|| values.zeros_like());
    let mut core = by_values.unsqueeze(-1)?.mul(&eye)?;
    if let Some(grad) = &grads[1] {
        let inner = vectors.t()?.matmul(grad)?;
        let gaps = values.unsqueeze(-2)?.sub(&values.unsqueeze(-1)?)?.add(&eye)?;
        core = core.add(&inner.sub(&inner.t()?)?.mul_scalar(0.5)?.div(&gaps)?)?;
    }
    vectors.matmul(&core)?.matmul(&vectors.t()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let symmetric = |x: &Var| x.add(&x.t()?);
        for n in 0..4 {
            let x = [normal([2, n, n], 1)];
            check_op(|x| Ok(symmetric(&x[0])?.eigh()?.0), &x);
            check_op(|x| symmetric(&x[0])?.eigh()?.1.square(), &x);
            let both = |x: &[Var]| {
                let (values, vectors) = symmetric(&x[0])?.eigh()?;
                vectors.mul(&values.sin()?.unsqueeze(-2)?)?.matmul(&vectors.t()?)
            };
            check_op(both, &x);
        }
    }
}
