//! `rms_norm`.

use gradus_tensor::Norm;

use super::layer_norm::normalize;
use crate::{Result, Var};

impl Var {
    /// Root mean square normalization over the last dimension: x/√(mean x² + ε) · w.
    ///
    /// With h the normalized x, r = 1/√(mean x² + ε) and d = g w, the gradient by x is
    /// r (d − h mean(d h)), by w Σ g h. r is saved for it, and worked out again from x if the graph
    /// is kept. Equals the composite of [`Var::square`], [`Var::mean`] and [`Var::rsqrt`].
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
    ///
    /// # PyTorch
    /// `torch.nn.functional.rms_norm`
    pub fn rms_norm(&self, w: Option<&Self>, eps: f64) -> Result<Self> {
        normalize(Norm::Rms, self, [w, None], eps)
    }
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
