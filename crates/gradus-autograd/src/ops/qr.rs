//! `qr`.

use gradus_tensor::Triangle;

use crate::ops::det::identity;
use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// The reduced decomposition A = Q R, as `Tensor::qr`.
    ///
    /// With `M = R g_Rᵀ − g_Qᵀ Q` and sym M its lower triangle mirrored, the gradient of a matrix that
    /// is not wide is `(g_Q + Q sym M) R⁻ᵀ`. Of a wide one, it is that of its first square block, through
    /// which the other columns Qᵀ Y pass as well.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., M, K]`, `[..., K, N]` with `K = min(M, N)`
    ///
    /// # Errors
    /// If there are fewer than two dimensions, the dtype is not f32 or f64, or an element is not
    /// finite; in the gradient, if the first `K` columns are linearly dependent.
    ///
    /// # Reference
    /// Walter & Lehmann 2013, "Algorithmic differentiation of linear algebra functions".
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.linalg.qr`; here the diagonal of R is not negative
    #[expect(clippy::missing_panics_doc, reason = "it cannot: an output per value")]
    pub fn qr(&self) -> Result<(Self, Self)> {
        let (q, r) = self.value().qr()?;
        let (a, saved) = (self.clone(), [q.clone(), r.clone()]);
        let outputs = Self::from_op_outputs("qr", &[self], vec![q, r], move |grads| {
            let [q, r] = match is_grad_enabled() {
                true => <[Self; 2]>::from(a.qr()?),
                false => saved.each_ref().map(Self::from),
            };
            let or_zero = |g: &Option<Self>, y: &Self| g.clone().unwrap_or_else(|| y.zeros_like());
            let (gq, gr) = (or_zero(&grads[0], &q), or_zero(&grads[1], &r));
            Ok(vec![Some(vjp(&a, &q, &r, gq, &gr)?)])
        });
        let [q, r] = <[Self; 2]>::try_from(outputs).expect("two values give two outputs");
        Ok((q, r))
    }
}

fn vjp(a: &Var, q: &Var, r: &Var, gq: Var, gr: &Var) -> Result<Var> {
    let (m, n) = (a.size(-2)?, a.size(-1)?);
    if m >= n {
        return square(q, r, &gq, gr);
    }
    let split = |x: &Var| Ok::<_, crate::Error>((x.narrow(-1, 0, m)?, x.narrow(-1, m, n - m)?));
    let ((_, y), (left, _), (g_left, g_right)) = (split(a)?, split(r)?, split(gr)?);
    let gq = gq.add(&y.matmul(&g_right.t()?)?)?;
    Var::cat(&[square(q, &left, &gq, &g_left)?, q.matmul(&g_right)?], -1)
}

/// The gradient of a matrix that is not wide.
fn square(q: &Var, r: &Var, gq: &Var, gr: &Var) -> Result<Var> {
    let product = r.matmul(&gr.t()?)?.sub(&gq.t()?.matmul(q)?)?;
    let lower = product.tril(-1)?;
    let mirrored = lower.add(&lower.t()?)?.add(&product.mul(&identity(&product)?)?)?;
    let left = gq.add(&q.matmul(&mirrored)?)?;
    // left R⁻ᵀ = (R⁻¹ leftᵀ)ᵀ
    r.solve_triangular(&left.t()?, Triangle::Upper)?.t()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for [m, n] in [[3, 3], [4, 2], [2, 4], [1, 1], [0, 2], [2, 0]] {
            check_op(|x| Ok(x[0].qr()?.0), &[normal([2, m, n], 1)]);
            check_op(|x| Ok(x[0].qr()?.1), &[normal([2, m, n], 1)]);
            let both = |x: &[Var]| {
                let (q, r) = x[0].qr()?;
                q.square()?.matmul(&r.sin()?)
            };
            check_op(both, &[normal([2, m, n], 1)]);
        }
    }
}
