//! Ops of one operand, element by element.

use gradus_core::UnaryOp;
use gradus_cpu::elementwise::{self as kernel, Integer};
use gradus_cpu::memory::take;

use crate::dtypes::{float, unsupported};
use crate::{DType, Element, Result, Tensor};

/// Stamps one method per op of the table.
macro_rules! unary {
    ($($method:ident $op:ident $formula:literal,)*) => {
        impl Tensor {
            $(
                #[doc = concat!($formula, ", element by element.")]
                ///
                /// # Errors
                /// As [`Tensor::unary`].
                pub fn $method(&self) -> Result<Self> {
                    self.unary(UnaryOp::$op)
                }
            )*
        }
    };
}

unary! {
    neg Neg "−x",
    abs Abs "|x|",
    sign Sign "−1, 0 or 1; NaN stays NaN",
    square Square "x²",
    sqrt Sqrt "√x",
    rsqrt Rsqrt "1/√x",
    reciprocal Reciprocal "1/x",
    exp Exp "eˣ",
    expm1 Expm1 "eˣ − 1, exact near 0",
    log Log "The natural logarithm ln x",
    log1p Log1p "ln(1 + x), exact near 0",
    sin Sin "sin x",
    cos Cos "cos x",
    tan Tan "tan x",
    tanh Tanh "tanh x",
    sigmoid Sigmoid "1/(1 + e⁻ˣ)",
    erf Erf "The error function 2/√π · ∫₀ˣ e^(−t²) dt",
    relu Relu "max(x, 0)",
    gelu Gelu "x · Φ(x) with Φ the normal distribution function",
    gelu_tanh GeluTanh "x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))",
    silu Silu "x · sigmoid(x)",
    softplus Softplus "ln(1 + eˣ), without overflow",
    floor Floor "The largest integer ≤ x",
    ceil Ceil "The smallest integer ≥ x",
    round Round "The nearest integer, halves to even",
}

impl Tensor {
    /// An op of the table, for every element.
    ///
    /// `bf16` is computed in `f32` and rounded once. Integers wrap around on overflow.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float, or `i64` or `u8` for
    /// `neg`, `abs`, `sign`, `square`, `relu`, `floor`, `ceil` and `round`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Tensor, UnaryOp};
    /// let x = Tensor::new([-1.0, 4.0]);
    /// assert_eq!(x.unary(UnaryOp::Relu)?.to_vec::<f32>()?, [0.0, 4.0]);
    /// assert_eq!(x.square()?.to_vec::<f32>()?, [1.0, 16.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn unary(&self, op: UnaryOp) -> Result<Self> {
        match self.dtype() {
            DType::I64 => self.unary_int::<i64>(op),
            DType::U8 => self.unary_int::<u8>(op),
            dtype => Ok(float!(op.name(), dtype, T => {
                let mut out = take(self.len());
                kernel::unary::<T>(op, &self.elements(), &mut out);
                Self::from_data(out, self.shape())
            })),
        }
    }

    fn unary_int<T: Element + Integer>(&self, op: UnaryOp) -> Result<Self> {
        let mut out = take(self.len());
        kernel::unary_int::<T>(op, &self.elements(), &mut out)
            .map_err(|_| unsupported(op.name(), "a float", self.dtype()))?;
        Ok(Self::from_data(out, self.shape()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, cases, read, recipes};

    /// The definitions in f64; the error function is integrated by Simpson's rule.
    fn definition(op: UnaryOp, x: f64) -> f64 {
        let sigmoid = 1.0 / (1.0 + (-x).exp());
        let erf = |x: f64| {
            let (n, h) = (400, x / 400.0);
            let f = |i: i32| (-(f64::from(i) * h).powi(2)).exp();
            let weight = |i: i32| if i == 0 || i == n { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
            (0..=n).map(|i| weight(i) * f(i)).sum::<f64>() * h / 3.0
                * std::f64::consts::FRAC_2_SQRT_PI
        };
        match op {
            UnaryOp::Neg => -x,
            UnaryOp::Abs => x.abs(),
            UnaryOp::Sign => f64::from(u8::from(x > 0.0)) - f64::from(u8::from(x < 0.0)),
            UnaryOp::Square => x * x,
            UnaryOp::Sqrt => x.sqrt(),
            UnaryOp::Rsqrt => 1.0 / x.sqrt(),
            UnaryOp::Reciprocal => 1.0 / x,
            UnaryOp::Exp => x.exp(),
            UnaryOp::Expm1 => x.exp_m1(),
            UnaryOp::Log => x.ln(),
            UnaryOp::Log1p => x.ln_1p(),
            UnaryOp::Sin => x.sin(),
            UnaryOp::Cos => x.cos(),
            UnaryOp::Tan => x.tan(),
            UnaryOp::Tanh => x.tanh(),
            UnaryOp::Sigmoid => sigmoid,
            UnaryOp::Erf => erf(x),
            UnaryOp::Relu => x.max(0.0),
            UnaryOp::Gelu => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            UnaryOp::GeluTanh => {
                let c = (2.0 / std::f64::consts::PI).sqrt();
                0.5 * x * (1.0 + (c * (x + 0.044_715 * x.powi(3))).tanh())
            }
            UnaryOp::Silu => x * sigmoid,
            UnaryOp::Softplus => (1.0 + x.exp()).ln(),
            UnaryOp::Floor => x.floor(),
            UnaryOp::Ceil => x.ceil(),
            UnaryOp::Round => x.round_ties_even(),
        }
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn floats_follow_the_definitions_in_any_layout(recipe in recipes(3)) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = recipe.make(dtype);
                for &op in UnaryOp::ALL {
                    let expected: Vec<f64> =
                        read(&x).into_iter().map(|x| definition(op, x)).collect();
                    let y = x.unary(op).unwrap();
                    if dtype == DType::F64 && matches!(op, UnaryOp::Erf | UnaryOp::Gelu) {
                        // Simpson's rule is good to nine digits.
                        assert_close(&y.to_dtype(DType::F32).unwrap(), x.dims(), &expected);
                    } else {
                        assert_close(&y, x.dims(), &expected);
                    }
                }
            }
        }

        #[test]
        fn integers_have_the_ops_that_stay_integers(recipe in recipes(3)) {
            let x = recipe.make(DType::I64);
            for op in [UnaryOp::Neg, UnaryOp::Abs, UnaryOp::Sign, UnaryOp::Square, UnaryOp::Relu] {
                let expected: Vec<f64> =
                    read(&x).into_iter().map(|x| definition(op, x)).collect();
                assert_close(&x.unary(op).unwrap(), x.dims(), &expected);
            }
        }
    }

    #[test]
    fn integers_wrap_around() {
        let x = Tensor::from([i64::MIN, -1]);
        assert_eq!(x.abs().unwrap().to_vec::<i64>().unwrap(), [i64::MIN, 1]);
        let x = Tensor::from([1u8, 200]);
        assert_eq!(x.neg().unwrap().to_vec::<u8>().unwrap(), [255, 56]);
        assert_eq!(x.square().unwrap().to_vec::<u8>().unwrap(), [1, 64]);
    }

    #[test]
    fn what_has_no_meaning_is_refused_by_name() {
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        assert_eq!(
            message(Tensor::new([1]).exp()),
            "exp: dtype i64 is not supported, expected a float"
        );
        assert!(Tensor::new([true]).neg().is_err());
    }

    #[test]
    fn special_values_are_those_of_ieee() {
        let x = Tensor::from([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]);
        let of = |op: UnaryOp| read(&x.unary(op).unwrap());
        assert_eq!(of(UnaryOp::Softplus)[1..], [f64::INFINITY, 0.0, 2.0f64.ln()]);
        assert_eq!(of(UnaryOp::Sigmoid)[1..], [1.0, 0.0, 0.5]);
        assert_eq!(of(UnaryOp::Erf)[1..], [1.0, -1.0, 0.0]);
        for &op in UnaryOp::ALL {
            assert!(of(op)[0].is_nan(), "{}", op.name());
        }
    }
}
