//! `layer_norm`.

use gradus_tensor::{Norm, Normalized, Tensor};

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// Normalization over the last dimension: (x − mean)/√(var + ε) · w + b.
    ///
    /// `var` is the mean square, without correction. With h the normalized x, r = 1/√(var + ε) and
    /// d = g w, the gradient by x is r (d − mean d − h mean(d h)), by w Σ g h, by b Σ g: one pass for
    /// all three. Mean and r of each row are saved for it, and worked out again from x if the graph
    /// is kept. Equals the composite of [`Var::mean`], [`Var::var`] and arithmetic.
    ///
    /// # Shapes
    /// `[..., C]`, weight and bias `[C]` → `[..., C]`
    ///
    /// # Errors
    /// If the dtype is no float, `self` is 0-d, or weight or bias do not fit.
    ///
    /// # Reference
    /// Ba, Kiros & Hinton 2016, "Layer Normalization".
    ///
    /// # PyTorch
    /// `torch.nn.functional.layer_norm`
    pub fn layer_norm(&self, w: Option<&Self>, b: Option<&Self>, eps: f64) -> Result<Self> {
        normalize(Norm::Layer, self, [w, b], eps)
    }
}

/// Layer norm or RMS norm as one op of two or three inputs.
pub(super) fn normalize(norm: Norm, x: &Var, [w, b]: [Option<&Var>; 2], eps: f64) -> Result<Var> {
    let (weight, bias) = (w.map(Var::value), b.map(Var::value));
    let Normalized { value, stats } = x.value().normalize(norm, eps, weight, bias)?;
    let name = if norm == Norm::Layer { "layer_norm" } else { "rms_norm" };
    let inputs: Vec<&Var> = [Some(x), w, b].into_iter().flatten().collect();
    let saved = Saved { norm, eps, x: x.clone(), w: w.cloned(), b: b.cloned(), stats };
    Ok(Var::from_op_of_inputs(name, &inputs, value, move |grad| {
        let [dx, dw, db] =
            if is_grad_enabled() { saved.composite(grad) } else { saved.fused(grad) }?;
        let present = [true, saved.w.is_some(), saved.b.is_some()];
        Ok([dx, dw, db]
            .into_iter()
            .zip(present)
            .filter_map(|(d, here)| here.then_some(d))
            .collect())
    }))
}

/// What a normalization keeps for its gradient.
struct Saved {
    norm: Norm,
    eps: f64,
    x: Var,
    w: Option<Var>,
    b: Option<Var>,
    /// Mean and r of each row.
    stats: Tensor,
}

impl Saved {
    fn fused(&self, grad: &Var) -> Result<[Option<Var>; 3]> {
        let parameters = [&self.w, &self.b].map(|p| p.as_ref().map(Var::value));
        let x = self.x.value();
        let grads = x.normalize_grad(self.norm, &self.stats, parameters, grad.value())?;
        Ok([Some(grads.dx), grads.dweight, grads.dbias].map(|d| d.map(Var::constant)))
    }

    fn composite(&self, grad: &Var) -> Result<[Option<Var>; 3]> {
        let centred = match self.norm {
            Norm::Layer => self.x.sub(&self.x.mean_keepdim(-1)?)?,
            Norm::Rms => self.x.clone(),
        };
        let rstd = centred.square()?.mean_keepdim(-1)?.add_scalar(self.eps)?.rsqrt()?;
        let h = centred.mul(&rstd)?;
        let d = self.w.as_ref().map_or(Ok(grad.clone()), |w| grad.mul(w))?;
        let rest = d.sub(&h.mul(&d.mul(&h)?.mean_keepdim(-1)?)?)?;
        let rest = match self.norm {
            Norm::Layer => rest.sub(&d.mean_keepdim(-1)?)?,
            Norm::Rms => rest,
        };
        let dw = self.w.as_ref().map(|w| grad.mul(&h)?.sum_to(w.shape())).transpose()?;
        let db = self.b.as_ref().map(|b| grad.sum_to(b.shape())).transpose()?;
        Ok([Some(rest.mul(&rstd)?), dw, db])
    }
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
