//! Features that are left out at random.

use gradus_autograd::Var;
use gradus_core::Kind;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Layer, Module, Result};

/// Zeroes each element with probability `p` in training, and scales the others by 1/(1 − p).
///
/// The identity in evaluation. The mask is drawn from the context's next key.
///
/// # Shapes
/// - `x`: any → the same
///
/// # Reference
/// Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_nn::{Ctx, Dropout, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::ones(1000, DType::F32)?);
/// let dropout = Dropout::new(0.5)?;
/// assert!(dropout.forward(&x, &mut Ctx::eval())?.value().equal(x.value()));
/// let y = dropout.forward(&x, &mut Ctx::train(Key::new(7)))?;
/// assert!((y.value().mean(..)?.item()? - 1.0).abs() < 0.2);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct Dropout {
    #[module(skip)]
    p: f64,
}

impl Dropout {
    /// Dropout with probability `p`.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `p` is not in `0.0..1.0`.
    pub fn new(p: f64) -> Result<Self> {
        Ok(Self { p: probability("Dropout", p)? })
    }

    /// The probability of a zero.
    pub const fn p(&self) -> f64 {
        self.p
    }
}

impl Layer for Dropout {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if !ctx.is_train() || self.p == 0.0 {
            return Ok(x.clone());
        }
        Ok(x.dropout(self.p, ctx.next_key()?.kind(Kind::Dropout))?)
    }
}

/// A probability of dropping, checked.
pub(super) fn probability(layer: &'static str, p: f64) -> Result<f64> {
    require((0.0..1.0).contains(&p), layer, "p", "in 0.0..1.0", p)?;
    Ok(p)
}

/// What dropout leaves of `x` if all elements that share the first `dims` indices go together.
pub(super) fn kept(x: &Var, dims: usize, p: f64, ctx: &mut Ctx) -> Result<Var> {
    if !ctx.is_train() || p == 0.0 {
        return Ok(x.clone());
    }
    let mut shape = x.dims().to_vec();
    shape[dims..].fill(1);
    let key = ctx.next_key()?.kind(Kind::Dropout);
    let factors = Tensor::ones(shape, x.dtype())?.dropout(p, key)?;
    Ok(x.mul(&factors.into())?)
}
