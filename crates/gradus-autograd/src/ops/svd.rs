//! `svd`.

use crate::ops::det::identity;
use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// The reduced decomposition A = U diag(S) Vᵀ, as `Tensor::svd`; the last result is Vᵀ.
    ///
    /// The gradient of the values alone is `U diag(g_S) Vᵀ`. Those of the vectors divide by sⱼ² − sᵢ², and
    /// unless A is square by sᵢ: they are infinite or NaN where two values meet or one is 0. A loss
    /// must not depend on the signs of the vectors, which are not determined. As in PyTorch.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., M, K]`, `[..., K]`, `[..., K, N]` with `K = min(M, N)`
    ///
    /// # Errors
    /// If there are fewer than two dimensions, the dtype is not f32 or f64, or an element is not
    /// finite.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let a = Var::leaf(Tensor::from([[3.0f64, 0.0], [0.0, -2.0]]));
    /// let (_, s, _) = a.svd()?;
    /// let grads = s.sum(..)?.backward()?; // of the nuclear norm
    /// let da = grads.get(&a).map(|g| g.to_vec::<f64>());
    /// assert_eq!(da, Some(Ok(vec![1.0, 0.0, 0.0, -1.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Reference
    /// Townsend 2016, "Differentiating the singular value decomposition".
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.svd(full_matrices=False)`
    #[expect(clippy::missing_panics_doc, reason = "it cannot: an output per value")]
    pub fn svd(&self) -> Result<(Self, Self, Self)> {
        let (u, s, vh) = self.value().svd()?;
        let (a, saved) = (self.clone(), [u.clone(), s.clone(), vh.clone()]);
        let outputs = Self::from_op_outputs("svd", &[self], vec![u, s, vh], move |grads| {
            let factors = match is_grad_enabled() {
                true => <[Self; 3]>::from(a.svd()?),
                false => saved.each_ref().map(Self::from),
            };
            Ok(vec![Some(vjp(&factors, grads)?)])
        });
        let [u, s, vh] = <[Self; 3]>::try_from(outputs).expect("three values give three outputs");
        Ok((u, s, vh))
    }
}

fn vjp([u, s, vh]: &[Var; 3], grads: &[Option<Var>]) -> Result<Var> {
    let (row, column) = (s.unsqueeze(-2)?, s.unsqueeze(-1)?);
    let (m, k, n) = (u.size(-2)?, s.size(-1)?, vh.size(-1)?);
    let values = grads[1].clone().unwrap_or_else(|| s.zeros_like());
    let eye = identity(&row.mul(&column)?)?;
    let mut core = values.unsqueeze(-1)?.mul(&eye)?;
    // sⱼ² − sᵢ², and 1 on the diagonal, where the numerators are 0.
    let gaps = || row.square()?.sub(&column.square()?)?.add(&eye);
    let skew = |x: &Var| x.sub(&x.t()?)?.div(&gaps()?);
    let mut outside = Vec::new();
    if let Some(gu) = &grads[0] {
        let inner = u.t()?.matmul(gu)?;
        core = core.add(&skew(&inner)?.mul(&row)?)?;
        if m > k {
            outside.push(gu.sub(&u.matmul(&inner)?)?.div(&row)?.matmul(vh)?);
        }
    }
    if let Some(gvh) = &grads[2] {
        let inner = vh.matmul(&gvh.t()?)?;
        core = core.add(&column.mul(&skew(&inner)?)?)?;
        if n > k {
            outside.push(u.matmul(&gvh.sub(&inner.t()?.matmul(vh)?)?.div(&column)?)?);
        }
    }
    let inside = u.matmul(&core)?.matmul(vh)?;
    outside.iter().try_fold(inside, |sum, part| sum.add(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for [m, n] in [[3, 3], [4, 2], [2, 4], [1, 1], [0, 2]] {
            check_op(|x| Ok(x[0].svd()?.1), &[normal([2, m, n], 1)]);
            // Squares do not depend on the signs of the vectors.
            check_op(|x| x[0].svd()?.0.square(), &[normal([2, m, n], 1)]);
            check_op(|x| x[0].svd()?.2.square(), &[normal([2, m, n], 1)]);
            let all = |x: &[Var]| {
                let (u, s, vh) = x[0].svd()?;
                u.mul(&s.sin()?.unsqueeze(-2)?)?.matmul(&vh)
            };
            check_op(all, &[normal([2, m, n], 1)]);
        }
    }

    #[test]
    fn values_have_a_gradient_where_they_meet() {
        check_op(|x| x[0].svd()?.1.sum(-1), &[normal([1, 1], 1)]);
        let a = Var::leaf(gradus_tensor::Tensor::eye(3, gradus_tensor::DType::F64).unwrap());
        let grads = a.svd().unwrap().1.sum(..).unwrap().backward().unwrap();
        assert!(grads.get(&a).unwrap().equal(a.value()));
    }
}
