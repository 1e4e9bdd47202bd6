//! Whole rows that skip a branch at random.

use gradus_autograd::Var;

use super::dropout::{kept, probability};
use crate::{Ctx, Error, Layer, Module, Result};

/// Zeroes each row of the batch with probability `p` in training, and scales the others by 1/(1 − p).
///
/// At the end of a residual branch it is stochastic depth: a row skips the branch. The identity in
/// evaluation.
///
/// # Shapes
/// - `x`: `[B, ...]` → the same
///
/// # Reference
/// Huang et al. 2016, "Deep Networks with Stochastic Depth"; in `timm` it is called `DropPath`, in
/// torchvision `StochasticDepth`.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_nn::{Ctx, DropPath, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::ones([8, 3], DType::F32)?);
/// let y = DropPath::new(0.5)?.forward(&x, &mut Ctx::train(Key::new(7)))?;
/// let sums = y.value().sum(1)?.to_vec::<f32>()?;
/// assert!(sums.iter().all(|&sum| sum == 0.0 || sum == 6.0));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct DropPath {
    #[module(skip)]
    p: f64,
}

impl DropPath {
    /// Rows are dropped with probability `p`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `p` is not in `0.0..1.0`.
    pub fn new(p: f64) -> Result<Self> {
        Ok(Self { p: probability("DropPath", p)? })
    }

    /// The probability of a zero.
    pub const fn p(&self) -> f64 {
        self.p
    }
}

impl Layer for DropPath {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if x.rank() == 0 {
            let (layer, expected) = ("DropPath", "[B, ...]".to_owned());
            return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
        }
        kept(x, 1, self.p, ctx)
    }
}
