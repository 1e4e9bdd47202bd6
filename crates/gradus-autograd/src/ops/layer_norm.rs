//! `layer_norm`.

use crate::{Result, Var, is_grad_enabled, no_grad};

impl Var {
    /// Normalization over the last dimension: (x − mean)/√(var + ε) · w + b.
    ///
    /// `var` is the mean square, without correction. With h the normalized x and r = 1/√(var + ε),
    /// the gradient by h is d = g w, and by x it is r (d − mean d − h mean(d h)). The statistics
    /// are saved for it, and worked out again from x if the graph is kept. Equals
    /// the composite of [`Var::mean`], [`Var::var`] and arithmetic.
    ///
    /// # Shapes
    /// `[..., C]`, weight and bias `[C]` → `[..., C]`
    ///
    /// # Errors
    /// If the dtype is no float, `self` is 0-d, or weight or bias do not fit.
    ///
    /// # Reference
    /// Ba, Kiros & Hinton 2016, "Layer Normalization".
    pub fn layer_norm(&self, w: Option<&Self>, b: Option<&Self>, eps: f64) -> Result<Self> {
        let saved = no_grad(|| Normalized::new(self, eps))?;
        let h = self.normalized(eps, saved);
        let scaled = w.map_or(Ok(h.clone()), |w| h.mul(check_scale("layer_norm", &h, w)?))?;
        b.map_or(Ok(scaled.clone()), |b| scaled.add(check_scale("layer_norm", &h, b)?))
    }

    fn normalized(&self, eps: f64, saved: Normalized) -> Self {
        let (x, value) = (self.clone(), saved.h.value().clone());
        self.map("layer_norm", value, move |d| {
            let again = is_grad_enabled().then(|| Normalized::new(&x, eps)).transpose()?;
            let Normalized { h, rstd } = again.as_ref().unwrap_or(&saved);
            let along_h = h.mul(&d.mul(h)?.mean_keepdim(-1)?)?;
            d.sub(&d.mean_keepdim(-1)?)?.sub(&along_h)?.mul(rstd)
        })
    }
}

struct Normalized {
    h: Var,
    rstd: Var,
}

impl Normalized {
    fn new(x: &Var, eps: f64) -> Result<Self> {
        let centred = x.sub(&x.mean_keepdim(-1)?)?;
        let rstd = centred.square()?.mean_keepdim(-1)?.add_scalar(eps)?.rsqrt()?;
        Ok(Self { h: centred.mul(&rstd)?, rstd })
    }
}

/// A scale or shift, if it has one number per channel: broadcasting would hide a mistake.
pub(super) fn check_scale<'a>(op: &'static str, x: &Var, scale: &'a Var) -> Result<&'a Var> {
    let channels = &x.dims()[x.rank() - 1..];
    if scale.dims() == channels {
        return Ok(scale);
    }
    let (expected, got) = (format!("{channels:?}"), scale.shape().clone());
    Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 2, 4], 1), normal(4, 2), normal(4, 3)];
        check_op(|x| x[0].layer_norm(Some(&x[1]), Some(&x[2]), 1e-5), &inputs);
        check_op(|x| x[0].layer_norm(None, None, 0.1), &inputs[..1]);
    }

    #[test]
    fn it_is_the_composite() {
        let (x, w, b) = (normal([3, 4], 1).into(), Var::from(normal(4, 2)), normal(4, 3).into());
        let fused = Var::layer_norm(&x, Some(&w), Some(&b), 1e-5).unwrap();
        let std = (x.var_keepdim(-1, 0.0).unwrap() + 1e-5).sqrt().unwrap();
        let composite = (&x - x.mean_keepdim(-1).unwrap()) / std * w + b;
        assert!(fused.value().allclose(composite.value(), 1e-12, 1e-14).unwrap());
    }

    #[test]
    fn rows_have_mean_zero_and_variance_one() {
        let y = Var::from(normal([3, 5], 1)).layer_norm(None, None, 0.0).unwrap();
        assert!(elements(&y.mean(-1).unwrap()).iter().all(|mean| mean.abs() < 1e-14));
        assert!(elements(&y.var(-1, 0.0).unwrap()).iter().all(|var| (var - 1.0).abs() < 1e-12));
    }

    #[test]
    fn a_weight_of_another_length_is_an_error() {
        let x = Var::from(normal([3, 5], 1));
        let error = x.layer_norm(Some(&normal(1, 2).into()), None, 1e-5).unwrap_err();
        assert_eq!(error.to_string(), "layer_norm: expected [5], got shape [1]");
    }
}
