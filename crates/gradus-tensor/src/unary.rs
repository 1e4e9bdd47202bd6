//! Ops of one operand, element by element.

use gradus_core::UnaryOp;
use gradus_cpu::elementwise::{self as kernel, Integer};

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
                let mut out = vec![T::default(); self.len()];
                kernel::unary::<T>(op, &self.elements(), &mut out);
                Self::from_data(out, self.shape())
            })),
        }
    }

    fn unary_int<T: Element + Integer>(&self, op: UnaryOp) -> Result<Self> {
        let mut out = vec![T::default(); self.len()];
        kernel::unary_int::<T>(op, &self.elements(), &mut out)
            .map_err(|_| unsupported(op.name(), "a float", self.dtype()))?;
        Ok(Self::from_data(out, self.shape()))
    }
}
