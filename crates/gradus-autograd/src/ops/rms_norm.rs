//! `rms_norm`.

use super::layer_norm::check_scale;
use crate::{Result, Var, is_grad_enabled, no_grad};

impl Var {
    /// Root mean square normalization over the last dimension: x/√(mean x² + ε) · w.
    ///
    /// With h the normalized x and r = 1/√(mean x² + ε), the gradient by h is d = g w, and by x it
    /// is r (d − h mean(d h)). r is saved for it, and worked out again from x if the graph is kept.
    /// Equals the composite of [`Var::square`], [`Var::mean`] and [`Var::rsqrt`].
    ///
    /// # Shapes
    /// `[..., C]`, weight `[C]` → `[..., C]`
    ///
    /// # Errors
    /// If the dtype is no float, `self` is 0-d, or the weight does not fit.
    ///
    /// # Reference
    /// Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4. `eps` is inside the
    /// root, as in Llama.
    pub fn rms_norm(&self, w: Option<&Self>, eps: f64) -> Result<Self> {
        let rstd = no_grad(|| reciprocal_rms(self, eps))?;
        let value = self.value().mul(rstd.value())?;
        let x = self.clone();
        let h = self.map("rms_norm", value, move |d| {
            let again = is_grad_enabled().then(|| reciprocal_rms(&x, eps)).transpose()?;
            let rstd = again.as_ref().unwrap_or(&rstd);
            let h = x.mul(rstd)?;
            d.sub(&h.mul(&d.mul(&h)?.mean_keepdim(-1)?)?)?.mul(rstd)
        });
        w.map_or(Ok(h.clone()), |w| h.mul(check_scale("rms_norm", &h, w)?))
    }
}

fn reciprocal_rms(x: &Var, eps: f64) -> Result<Var> {
    x.square()?.mean_keepdim(-1)?.add_scalar(eps)?.rsqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 2, 4], 1), normal(4, 2)];
        check_op(|x| x[0].rms_norm(Some(&x[1]), 1e-5), &inputs);
        check_op(|x| x[0].rms_norm(None, 0.1), &inputs[..1]);
    }

    #[test]
    fn rows_have_mean_square_one() {
        let y = Var::from(normal([3, 5], 1)).rms_norm(None, 0.0).unwrap();
        let squares = elements(&y.square().unwrap().mean(-1).unwrap());
        assert!(squares.iter().all(|square| (square - 1.0).abs() < 1e-12));
    }
}
