//! Activations that are one formula per element.
//!
//! The formulas are public, so that the same ones give the gradients. In all of them NaN stays NaN.

use gradus_cpu::pointwise::Number;

use crate::{Dim, Error, Key, Result, Shape, Tensor};

crate::pointwise! {
    /// `low` below, `high` above, x between; the slope is 0 at both bounds.
    pub struct HardTanh {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    }
    |x| between(x, low, high)
}

crate::pointwise! {
    /// min(max(x/6 + 1/2, 0), 1).
    pub struct HardSigmoid;
    |x| between(x / 6.0 + 0.5, 0.0, 1.0)
}

crate::pointwise! {
    /// x · min(max(x/6 + 1/2, 0), 1).
    pub struct HardSwish;
    |x| {
        let (low, high, zero) = (S::constant(-3.0), S::constant(3.0), S::constant(0.0));
        x.if_less(low, zero, high.if_less(x, x, x * (x + 3.0) / 6.0))
    }
}

crate::pointwise! {
    /// x · tanh(ln(1 + eˣ)).
    pub struct Mish;
    |x| {
        // tanh(ln(1 + n)) = n(n + 2) / (n(n + 2) + 2), over n² where n = eˣ is large.
        let zero = S::constant(0.0);
        let e = (-magnitude(x)).exp();
        let (small, large) = (e * (e + 2.0), e * 2.0 + 1.0);
        x * x.if_less(zero, small / (small + 2.0), large / (large + e * e * 2.0))
    }
}

crate::pointwise! {
    /// λx above zero, λα(eˣ − 1) elsewhere, with the constants that keep mean 0 and variance 1.
    pub struct Selu;
    |x| {
        let zero = S::constant(0.0);
        zero.if_less(x, x, x.min(zero).expm1() * 1.673_263_242_354_377_2) * 1.050_700_987_355_480_5
    }
}

crate::pointwise! {
    /// x above zero, α(e^(x/α) − 1) elsewhere.
    pub struct Celu {
        /// α.
        alpha: f64,
    }
    |x| {
        let zero = S::constant(0.0);
        zero.if_less(x, x, (x.min(zero) / alpha).expm1() * alpha)
    }
}

crate::pointwise! {
    /// x / (1 + |x|).
    pub struct Softsign;
    |x| x / (magnitude(x) + 1.0)
}

crate::pointwise! {
    /// x moved by λ towards zero, and zero within λ of it.
    pub struct Softshrink {
        /// λ.
        lambda: f64,
    }
    |x| S::constant(lambda).if_less(x, x - lambda, x.if_less(S::constant(-lambda), x + lambda, x * 0.0))
}

crate::pointwise! {
    /// x, and zero within λ of zero.
    pub struct Hardshrink {
        /// λ.
        lambda: f64,
    }
    |x| S::constant(lambda).if_less(x, x, x.if_less(S::constant(-lambda), x, x * 0.0))
}

crate::pointwise! {
    /// x − tanh x.
    pub struct Tanhshrink;
    |x| x - x.tanh()
}

crate::pointwise! {
    /// x above a threshold, a constant elsewhere.
    pub struct Threshold {
        /// The threshold.
        threshold: f64,
        /// The constant.
        value: f64,
    }
    |x| {
        let (t, v) = (S::constant(threshold), S::constant(value));
        t.if_less(x, x, x.if_less(t, v, x * 0.0 + v))
    }
}

crate::pointwise! {
    /// −ln(1 + e⁻ˣ).
    pub struct LogSigmoid;
    |x| x.min(S::constant(0.0)) - (-magnitude(x)).exp().log1p()
}

crate::pointwise! {
    /// x above zero, slope · x elsewhere.
    pub struct Prelu;
    |x, slope| S::constant(0.0).if_less(x, x, x * slope)
}

crate::pointwise! {
    /// a · sigmoid(b).
    pub struct Glu;
    |a, b| a * b.sigmoid()
}

crate::pointwise! {
    /// ln(x / (1 − x)).
    pub struct Logit;
    |x| x.log() - (-x).log1p()
}

/// |x|, with the slope 1 at zero.
#[inline(always)]
fn magnitude<S: Number>(x: S) -> S {
    x.max(-x)
}

/// x between the bounds, with the slope 0 on them; NaN stays.
#[inline(always)]
fn between<S: Number>(x: S, low: f64, high: f64) -> S {
    let (low, high) = (S::constant(low), S::constant(high));
    let top = x.if_less(high, x, high.if_less(x, high, x * 0.0 + high));
    low.if_less(top, top, x.if_less(low, low, x * 0.0 + low))
}

/// Stamps a method per formula without constants.
macro_rules! plain {
    ($($method:ident $formula:ident $what:literal,)*) => {
        impl Tensor {
            $(
                #[doc = concat!($what, ", element by element.")]
                ///
                /// # Errors
                /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
                pub fn $method(&self) -> Result<Self> {
                    Self::pointwise_named(stringify!($method), &$formula, [self])
                }
            )*
        }
    };
}

plain! {
    hardsigmoid HardSigmoid "min(max(x/6 + 1/2, 0), 1)",
    hardswish HardSwish "x · hardsigmoid(x)",
    mish Mish "x · tanh(softplus(x))",
    selu Selu "λx above zero, λα(eˣ − 1) elsewhere, with λ = 1.0507… and α = 1.6732…",
    softsign Softsign "x / (1 + |x|)",
    tanhshrink Tanhshrink "x − tanh x",
    log_sigmoid LogSigmoid "ln sigmoid(x), without overflow",
    logit Logit "ln(x / (1 − x)), the inverse of sigmoid; NaN outside 0..=1",
}

impl Tensor {
    /// `low` below, `high` above, x between. Unlike [`Tensor::clamp`] its slope is 0 on the bounds.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `low < high`, or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn hardtanh(&self, low: f64, high: f64) -> Result<Self> {
        Self::pointwise_named("hardtanh", &HardTanh::new(low, high)?, [self])
    }

    /// min(max(x, 0), 6).
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn relu6(&self) -> Result<Self> {
        Self::pointwise_named("relu6", &HardTanh { low: 0.0, high: 6.0 }, [self])
    }

    /// x above zero, α(e^(x/α) − 1) elsewhere.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if α is 0 or NaN, or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn celu(&self, alpha: f64) -> Result<Self> {
        Self::pointwise_named("celu", &Celu::new(alpha)?, [self])
    }

    /// x − λ above λ, x + λ below −λ, zero between.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if λ is negative or NaN, or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn softshrink(&self, lambda: f64) -> Result<Self> {
        Self::pointwise_named("softshrink", &Softshrink::new(lambda)?, [self])
    }

    /// x above λ and below −λ, zero between.
    ///
    /// # Errors
    /// As [`Tensor::softshrink`].
    pub fn hardshrink(&self, lambda: f64) -> Result<Self> {
        Self::pointwise_named("hardshrink", &Hardshrink::new(lambda)?, [self])
    }

    /// x above a threshold, `value` elsewhere.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn threshold(&self, threshold: f64, value: f64) -> Result<Self> {
        Self::pointwise_named("threshold", &Threshold { threshold, value }, [self])
    }

    /// x above zero, `weight` · x elsewhere, with one weight for all or one per channel.
    ///
    /// # Shapes
    /// - `self`: `[B, C, ...]`, `weight`: `[1]` or `[C]` → `[B, C, ...]`
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`], or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn prelu(&self, weight: &Self) -> Result<Self> {
        let slopes = weight.reshape(prelu_shape(self.shape(), weight.shape())?)?;
        Self::pointwise_named("prelu", &Prelu, [self, &slopes])
    }

    /// The first half of a dimension times the sigmoid of the second.
    ///
    /// # Shapes
    /// `[..., 2 N, ...]` → `[..., N, ...]`
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::UnexpectedShape`] if the extent is
    /// odd, or [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn glu(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("glu", self.rank())?;
        let half = self.dims()[dim] / 2;
        if self.dims()[dim] % 2 == 1 {
            let (op, expected) = ("glu", format!("an even extent of dimension {dim}"));
            let got = self.shape().clone();
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        }
        let (a, b) = (self.narrow(dim, 0, half)?, self.narrow(dim, half, half)?);
        Self::pointwise_named("glu", &Glu, [&a, &b])
    }

    /// e⁻ˣ / Σ e⁻ˣ along a dimension.
    ///
    /// # Errors
    /// As [`Tensor::softmax`].
    pub fn softmin(&self, dim: impl Into<Dim>) -> Result<Self> {
        self.neg()?.softmax(dim)
    }

    /// [`Tensor::leaky_relu`] with the mean of two slopes: what the randomized unit does when it
    /// is not training.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `lower ≤ upper`, or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn rrelu(&self, lower: f64, upper: f64) -> Result<Self> {
        self.leaky_relu(mean_slope(lower, upper)?)
    }

    /// x above zero, elsewhere x times a slope drawn for each element: what the randomized unit does
    /// when it is training.
    ///
    /// # Errors
    /// As [`Tensor::rrelu`].
    pub fn rrelu_with(&self, lower: f64, upper: f64, key: Key) -> Result<Self> {
        mean_slope(lower, upper)?;
        let slopes = Self::uniform(lower, upper, self.shape(), self.dtype(), key)?;
        Self::pointwise_named("rrelu", &Prelu, [self, &slopes])
    }
}

impl HardTanh {
    /// The formula.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `low < high`.
    pub fn new(low: f64, high: f64) -> Result<Self> {
        check("hardtanh", low < high, "low and high", "rising", || format!("{low} and {high}"))?;
        Ok(Self { low, high })
    }
}

impl Celu {
    /// The formula.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if α is 0 or NaN.
    pub fn new(alpha: f64) -> Result<Self> {
        let valid = alpha != 0.0 && !alpha.is_nan();
        check("celu", valid, "alpha", "different from 0", || alpha.to_string())?;
        Ok(Self { alpha })
    }
}

impl Softshrink {
    /// The formula.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if λ is negative or NaN.
    pub fn new(lambda: f64) -> Result<Self> {
        check("softshrink", lambda >= 0.0, "lambda", "at least 0", || lambda.to_string())?;
        Ok(Self { lambda })
    }
}

impl Hardshrink {
    /// The formula.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if λ is negative or NaN.
    pub fn new(lambda: f64) -> Result<Self> {
        check("hardshrink", lambda >= 0.0, "lambda", "at least 0", || lambda.to_string())?;
        Ok(Self { lambda })
    }
}

/// The slope of [`Tensor::rrelu`].
///
/// # Errors
/// [`gradus_core::Error::InvalidArgument`] unless `lower ≤ upper`.
pub fn mean_slope(lower: f64, upper: f64) -> Result<f64> {
    let got = || format!("{lower} and {upper}");
    check("rrelu", lower <= upper, "lower and upper", "in order", got)?;
    Ok(lower.midpoint(upper))
}

/// The shape in which the weight of [`Tensor::prelu`] broadcasts with the input.
///
/// # Errors
/// [`gradus_core::Error::ShapeMismatch`] unless there is one weight, or one per channel.
pub fn prelu_shape(x: &Shape, weight: &Shape) -> Result<Shape> {
    let channels = if x.rank() < 2 { 1 } else { x[1] };
    if weight.rank() > 1 || (weight.len() != 1 && weight.len() != channels) {
        let (lhs, rhs) = (x.clone(), weight.clone());
        return Err(gradus_core::Error::ShapeMismatch { op: "prelu", lhs, rhs }.into());
    }
    let extent = |dim| if dim == 1 { weight.len() } else { 1 };
    Ok((0..x.rank()).map(extent).collect())
}

fn check(
    op: &'static str,
    holds: bool,
    name: &'static str,
    expected: &'static str,
    got: impl FnOnce() -> String,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Core(gradus_core::Error::InvalidArgument { op, name, expected, got: got() }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{assert_close, cases, read, recipes};

    type Pair = (fn(&Tensor) -> Result<Tensor>, fn(f64) -> f64);

    /// The definitions of the literature.
    const ALL: [Pair; 15] = [
        (|x| x.hardsigmoid(), |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        (|x| x.hardswish(), |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
        (|x| x.mish(), |x| x * x.exp().ln_1p().tanh()),
        (
            |x| x.selu(),
            |x| 1.0507009873554805 * if x > 0.0 { x } else { 1.6732632423543772 * x.exp_m1() },
        ),
        (|x| x.softsign(), |x| x / (1.0 + x.abs())),
        (|x| x.tanhshrink(), |x| x - x.tanh()),
        (|x| x.log_sigmoid(), |x| -(-x).exp().ln_1p()),
        (|x| x.hardtanh(-1.0, 0.5), |x| x.clamp(-1.0, 0.5)),
        (|x| x.relu6(), |x| x.clamp(0.0, 6.0)),
        (|x| x.celu(0.5), |x| if x > 0.0 { x } else { 0.5 * (x / 0.5).exp_m1() }),
        (|x| x.softshrink(0.5), |x| if x.abs() > 0.5 { x - 0.5 * x.signum() } else { 0.0 }),
        (|x| x.hardshrink(0.5), |x| if x.abs() > 0.5 { x } else { 0.0 }),
        (|x| x.threshold(0.5, -2.0), |x| if x > 0.5 { x } else { -2.0 }),
        (|x| x.rrelu(0.1, 0.3), |x| if x > 0.0 { x } else { 0.2 * x }),
        (|x| x.sigmoid()?.logit(), |x| x),
    ];

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn values_follow_the_definitions_in_any_layout(recipe in recipes(3)) {
            for dtype in [DType::F32, DType::F64] {
                let x = recipe.make(dtype);
                for (f, definition) in ALL {
                    let expected: Vec<f64> = read(&x).into_iter().map(definition).collect();
                    assert_close(&f(&x).unwrap(), x.dims(), &expected);
                }
            }
        }
    }

    #[test]
    fn nan_stays_nan_and_infinities_have_their_limits() {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let x = Tensor::full(1, f64::NAN, dtype).unwrap();
            assert!(ALL.iter().all(|(f, _)| f(&x).unwrap().item().unwrap().is_nan()));
        }
        let ends = Tensor::from([f64::NEG_INFINITY, f64::INFINITY]);
        let at_ends = |f: fn(&Tensor) -> Result<Tensor>| read(&f(&ends).unwrap());
        assert_eq!(at_ends(Tensor::hardsigmoid), [0.0, 1.0]);
        assert_eq!(at_ends(Tensor::hardswish), [0.0, f64::INFINITY]);
        assert_eq!(at_ends(Tensor::relu6), [0.0, 6.0]);
        assert_eq!(at_ends(Tensor::log_sigmoid), [f64::NEG_INFINITY, 0.0]);
        assert_eq!(at_ends(|x| x.threshold(0.0, 1.0)), [1.0, f64::INFINITY]);
    }

    #[test]
    fn a_weight_is_one_or_one_per_channel() {
        let x = Tensor::new([[[-1.0, 2.0], [-3.0, 4.0]]]);
        let y = x.prelu(&Tensor::new([0.5, 0.25])).unwrap();
        assert_eq!(read(&y), [-0.5, 2.0, -0.75, 4.0]);
        assert_eq!(read(&x.prelu(&Tensor::new([2.0])).unwrap()), [-2.0, 2.0, -6.0, 4.0]);
        assert_eq!(x.prelu(&Tensor::new(2.0)).unwrap().dims(), [1, 2, 2]);
        assert!(x.prelu(&Tensor::new([1.0, 2.0, 3.0])).is_err());
    }

    #[test]
    fn half_gates_the_other_half() {
        let x = Tensor::randn([2, 4, 3], DType::F64, Key::new(1)).unwrap();
        let (a, b) = (x.narrow(1, 0, 2).unwrap(), x.narrow(1, 2, 2).unwrap());
        let expected = a.mul(&b.sigmoid().unwrap()).unwrap();
        assert!(x.glu(1).unwrap().allclose(&expected, 1e-14, 1e-14).unwrap());
        assert!(x.glu(2).is_err() && x.glu(3).is_err());
        let sum = x.softmin(-1).unwrap().sum(-1).unwrap();
        assert!(sum.allclose(&sum.ones_like(), 1e-12, 0.0).unwrap());
    }

    #[test]
    fn faults_name_the_op() {
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        let x = Tensor::new([1.0]);
        assert_eq!(
            message(Tensor::new([1]).mish()),
            "mish: dtype i64 is not supported, expected a float"
        );
        assert_eq!(message(x.celu(0.0)), "celu: alpha must be different from 0, got 0");
        assert!(x.hardtanh(1.0, 1.0).is_err() && x.softshrink(-1.0).is_err());
        let drawn = x.neg().unwrap().rrelu_with(0.1, 0.3, Key::new(1)).unwrap().item().unwrap();
        assert!((-0.3..-0.1).contains(&drawn));
        assert!(x.rrelu_with(1.0, 0.0, Key::new(1)).is_err());
        assert!(x.rrelu(1.0, 0.0).is_err() && x.hardshrink(f64::NAN).is_err());
    }
}
