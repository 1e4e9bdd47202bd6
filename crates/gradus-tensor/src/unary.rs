//! Ops of one operand, element by element.

use gradus_core::UnaryOp;

use crate::dtypes::{integer, unsupported};
use crate::elementwise::map;
use crate::{DType, Element, Result, Tensor, bf16};

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
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float, or `i64` or `u8` for
    /// `neg`, `abs`, `sign` and `square` (which wrap around on overflow).
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
            DType::F32 => Ok(map(self, |x: f32| float(op, f64::from(x)) as f32)),
            DType::F64 => Ok(map(self, |x: f64| float(op, x))),
            DType::BF16 => {
                Ok(map(self, |x: bf16| <bf16 as Element>::from_f64(float(op, x.to_f64()))))
            }
            dtype
                if matches!(op, UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Square) =>
            {
                Ok(integer!(op.name(), dtype, "a float or an integer", T => {
                    map(self, |x: T| match op {
                        UnaryOp::Neg => x.wrapping_neg(),
                        UnaryOp::Square => x.wrapping_mul(x),
                        UnaryOp::Abs => if x < 0 { x.wrapping_neg() } else { x },
                        _ => if x < 0 { (0 as T).wrapping_sub(1) } else { T::from(x > 0) },
                    })
                }))
            }
            dtype => Err(unsupported(op.name(), "a float", dtype)),
        }
    }
}

/// The definitions.
fn float(op: UnaryOp, x: f64) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Abs => x.abs(),
        UnaryOp::Sign => {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                x
            }
        }
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
        UnaryOp::Sigmoid => sigmoid(x),
        UnaryOp::Erf => erf(x),
        UnaryOp::Relu => {
            if x < 0.0 {
                0.0
            } else {
                x
            }
        }
        UnaryOp::Gelu => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        UnaryOp::GeluTanh => {
            let c = (2.0 / std::f64::consts::PI).sqrt();
            0.5 * x * (1.0 + (c * (x + 0.044715 * x * x * x)).tanh())
        }
        UnaryOp::Silu => x * sigmoid(x),
        UnaryOp::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        UnaryOp::Floor => x.floor(),
        UnaryOp::Ceil => x.ceil(),
        UnaryOp::Round => x.round_ties_even(),
    }
}

/// Taylor series near 0, continued fraction of erfc beyond.
fn erf(x: f64) -> f64 {
    let t = x.abs();
    if !(t < 6.0) {
        return if x.is_nan() { x } else { x.signum() };
    }
    let scale = std::f64::consts::FRAC_2_SQRT_PI * (-t * t).exp();
    let y = if t < 2.5 {
        // erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!
        let (mut term, mut sum, mut n) = (t, t, 0.0);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= 2.0 * t * t / (2.0 * n + 1.0);
            sum += term;
        }
        scale * sum
    } else {
        let fraction = (1..=80).rev().fold(t, |f, k| t + f64::from(k) / 2.0 / f);
        1.0 - scale / 2.0 / fraction
    };
    if x < 0.0 { -y } else { y }
}
