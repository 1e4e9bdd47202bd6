//! Activations that are one formula per element, with gradients from the same formula.

use gradus_core::{Dim, Key};
use gradus_tensor::Tensor;
use gradus_tensor::activation::{
    Celu, Glu, HardSigmoid, HardSwish, HardTanh, Hardshrink, LogSigmoid, Logit, Mish, Prelu, Selu,
    Softshrink, Softsign, Tanhshrink, Threshold, mean_slope, prelu_shape,
};

use crate::{Result, Var};

impl Var {
    /// min(max(x/6 + 1/2, 0), 1).
    ///
    /// The derivative is 1/6 between −3 and 3, else 0.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.hardsigmoid`
    pub fn hardsigmoid(&self) -> Result<Self> {
        Self::pointwise("hardsigmoid", HardSigmoid, [self])
    }

    /// x · min(max(x/6 + 1/2, 0), 1).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Reference
    /// Howard et al. 2019, "Searching for `MobileNetV3`".
    ///
    /// # PyTorch
    /// `torch.nn.functional.hardswish`
    pub fn hardswish(&self) -> Result<Self> {
        Self::pointwise("hardswish", HardSwish, [self])
    }

    /// `low` below, `high` above, x between.
    ///
    /// The derivative is 1 between the bounds, and 0 on them and beyond.
    ///
    /// # Errors
    /// If the dtype is no float, or unless `low < high`.
    ///
    /// # PyTorch
    /// `torch.nn.functional.hardtanh`
    pub fn hardtanh(&self, low: f64, high: f64) -> Result<Self> {
        Self::pointwise("hardtanh", HardTanh::new(low, high)?, [self])
    }

    /// min(max(x, 0), 6).
    ///
    /// The derivative is 1 between 0 and 6, and 0 on them and beyond.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.relu6`
    pub fn relu6(&self) -> Result<Self> {
        Self::pointwise("relu6", HardTanh { low: 0.0, high: 6.0 }, [self])
    }

    /// x · tanh(softplus(x)).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Reference
    /// Misra 2019, "Mish: A Self Regularized Non-Monotonic Activation Function".
    ///
    /// # PyTorch
    /// `torch.nn.functional.mish`
    pub fn mish(&self) -> Result<Self> {
        Self::pointwise("mish", Mish, [self])
    }

    /// λx above zero, λα(eˣ − 1) elsewhere, with λ = 1.0507… and α = 1.6732….
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Reference
    /// Klambauer et al. 2017, "Self-Normalizing Neural Networks".
    ///
    /// # PyTorch
    /// `torch.nn.functional.selu`
    pub fn selu(&self) -> Result<Self> {
        Self::pointwise("selu", Selu, [self])
    }

    /// x above zero, α(e^(x/α) − 1) elsewhere: an `elu` whose slope is continuous for any α.
    ///
    /// # Errors
    /// If the dtype is no float or α is 0.
    ///
    /// # Reference
    /// Barron 2017, "Continuously Differentiable Exponential Linear Units".
    ///
    /// # PyTorch
    /// `torch.nn.functional.celu`
    pub fn celu(&self, alpha: f64) -> Result<Self> {
        Self::pointwise("celu", Celu::new(alpha)?, [self])
    }

    /// x / (1 + |x|).
    ///
    /// The derivative is 1 / (1 + |x|)².
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.softsign`
    pub fn softsign(&self) -> Result<Self> {
        Self::pointwise("softsign", Softsign, [self])
    }

    /// x − λ above λ, x + λ below −λ, zero between.
    ///
    /// # Errors
    /// If the dtype is no float or λ is negative.
    ///
    /// # PyTorch
    /// `torch.nn.functional.softshrink`
    pub fn softshrink(&self, lambda: f64) -> Result<Self> {
        Self::pointwise("softshrink", Softshrink::new(lambda)?, [self])
    }

    /// x above λ and below −λ, zero between.
    ///
    /// # Errors
    /// If the dtype is no float or λ is negative.
    ///
    /// # PyTorch
    /// `torch.nn.functional.hardshrink`
    pub fn hardshrink(&self, lambda: f64) -> Result<Self> {
        Self::pointwise("hardshrink", Hardshrink::new(lambda)?, [self])
    }

    /// x − tanh x.
    ///
    /// The derivative is tanh² x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.tanhshrink`
    pub fn tanhshrink(&self) -> Result<Self> {
        Self::pointwise("tanhshrink", Tanhshrink, [self])
    }

    /// x above a threshold, a constant elsewhere.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.threshold`
    pub fn threshold(&self, threshold: f64, value: f64) -> Result<Self> {
        Self::pointwise("threshold", Threshold { threshold, value }, [self])
    }

    /// ln sigmoid(x), without overflow.
    ///
    /// The derivative is sigmoid(−x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.logsigmoid`
    pub fn log_sigmoid(&self) -> Result<Self> {
        Self::pointwise("log_sigmoid", LogSigmoid, [self])
    }

    /// ln(x / (1 − x)), the inverse of sigmoid; NaN outside 0..=1.
    ///
    /// The derivative is 1/x + 1/(1 − x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.logit`, without `eps`
    pub fn logit(&self) -> Result<Self> {
        Self::pointwise("logit", Logit, [self])
    }

    /// x above zero, `weight` · x elsewhere, with one weight for all or one per channel, which is
    /// dimension 1.
    ///
    /// # Errors
    /// If the dtypes differ or are no floats, or the weight has another length.
    ///
    /// # Reference
    /// He et al. 2015, "Delving Deep into Rectifiers".
    ///
    /// # PyTorch
    /// `torch.nn.functional.prelu`
    pub fn prelu(&self, weight: &Self) -> Result<Self> {
        let shape = prelu_shape(self.shape(), weight.shape())?;
        Self::pointwise("prelu", Prelu, [self, &weight.reshape(shape)?])
    }

    /// The first half of a dimension times the sigmoid of the second.
    ///
    /// # Errors
    /// If the dtype is no float, or the dimension is out of range or its extent odd.
    ///
    /// # Reference
    /// Dauphin et al. 2016, "Language Modeling with Gated Convolutional Networks".
    ///
    /// # PyTorch
    /// `torch.nn.functional.glu`
    pub fn glu(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("glu", self.rank())?;
        let half = self.dims()[dim] / 2;
        if self.dims()[dim] % 2 == 1 {
            let (op, expected) = ("glu", format!("an even extent of dimension {dim}"));
            let got = self.shape().clone();
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        }
        let (a, b) = (self.narrow(dim, 0, half)?, self.narrow(dim, half, half)?);
        Self::pointwise("glu", Glu, [&a, &b])
    }

    /// e⁻ˣ / Σ e⁻ˣ along a dimension.
    ///
    /// # Errors
    /// If the dtype is no float or the dimension is out of range.
    ///
    /// # PyTorch
    /// `torch.nn.functional.softmin`
    pub fn softmin(&self, dim: impl Into<Dim>) -> Result<Self> {
        self.neg()?.softmax(dim)
    }

    /// [`Var::leaky_relu`] with the mean of two slopes: what the randomized unit does when it is not
    /// training.
    ///
    /// # Errors
    /// If the dtype is no float, or unless `lower ≤ upper`.
    ///
    /// # PyTorch
    /// `torch.nn.functional.rrelu`
    pub fn rrelu(&self, lower: f64, upper: f64) -> Result<Self> {
        self.leaky_relu(mean_slope(lower, upper)?)
    }

    /// x above zero, elsewhere x times a slope drawn for each element: what the randomized unit does
    /// when it is training.
    ///
    /// # Errors
    /// As [`Var::rrelu`].
    pub fn rrelu_with(&self, lower: f64, upper: f64, key: Key) -> Result<Self> {
        mean_slope(lower, upper)?;
        let slopes = Tensor::uniform(lower, upper, self.shape(), self.dtype(), key)?;
        Self::pointwise("rrelu", Prelu, [self, &slopes.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal, slope};

    #[test]
    fn the_slope_at_a_bound_is_zero() {
        assert_eq!((slope(Var::relu6, 0.0), slope(Var::relu6, 6.0)), (0.0, 0.0));
        assert_eq!(slope(|x| x.hardtanh(-1.0, 1.0), -1.0), 0.0);
        assert_eq!(slope(|x| x.threshold(0.5, 2.0), 0.5), 0.0);
    }

    #[test]
    fn large_values_spoil_no_second_derivative() {
        let x = Tensor::from([800.0f64, -800.0]);
        for f in [Var::selu, Var::mish, Var::log_sigmoid] as [fn(&Var) -> Result<Var>; 3] {
            check_op(|x| f(&x[0]), std::slice::from_ref(&x));
        }
        check_op(|x| x[0].celu(0.7), std::slice::from_ref(&x));
        check_op(|x| x[0].elu(0.7), &[x]);
    }

    #[test]
    fn drawn_slopes_are_the_same_for_a_key() {
        let x = Var::from(normal([3, 4], 1));
        let y = |key| x.rrelu_with(0.1, 0.3, Key::new(key)).unwrap();
        assert!(y(1).value().equal(y(1).value()) && !y(1).value().equal(y(2).value()));
        check_op(|x| x[0].rrelu_with(0.1, 0.3, Key::new(1)), &[normal([3, 4], 1)]);
    }
}
