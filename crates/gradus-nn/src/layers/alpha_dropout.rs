//! Dropout for self-normalising networks.

use gradus_autograd::Var;
use gradus_core::Kind;
use gradus_tensor::Tensor;

use super::dropout::probability;
use crate::{Ctx, Layer, Module, Result};

/// What SELU tends to for very negative numbers: −λα.
const FLOOR: f64 = -1.758_099_340_847_376_6;

/// Sets each element to SELU's lowest value with probability `p` in training, then scales and shifts all,
/// so that mean zero and variance one stay. The identity in evaluation.
///
/// # Shapes
/// - `x`: any → the same
///
/// # Reference
/// Klambauer et al. 2017, "Self-Normalizing Neural Networks", section 3.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_nn::{AlphaDropout, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::randn(10_000, DType::F32, Key::new(1))?);
/// let y = AlphaDropout::new(0.3)?.forward(&x, &mut Ctx::train(Key::new(7)))?;
/// assert!(y.value().mean(..)?.item()?.abs() < 0.05);
/// assert!((y.value().var(.., 0.0)?.item()? - 1.0).abs() < 0.05);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct AlphaDropout {
    #[module(skip)]
    p: f64,
}

impl AlphaDropout {
    /// Dropout with probability `p`.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `p` is not in `0.0..1.0`.
    pub fn new(p: f64) -> Result<Self> {
        Ok(Self { p: probability("AlphaDropout", p)? })
    }

    /// The probability of being dropped.
    pub const fn p(&self) -> f64 {
        self.p
    }
}

impl Layer for AlphaDropout {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if !ctx.is_train() || self.p == 0.0 {
            return Ok(x.clone());
        }
        let key = ctx.next_key()?.kind(Kind::Dropout);
        let drops = Tensor::ones(x.shape(), x.dtype())?.dropout(self.p, key)?.eq_scalar(0.0)?;
        let scale = ((1.0 - self.p) * (1.0 + self.p * FLOOR * FLOOR)).sqrt().recip();
        let shift = -scale * FLOOR * self.p;
        Ok(x.masked_fill(&drops, FLOOR)?.mul_scalar(scale)?.add_scalar(shift)?)
    }
}
