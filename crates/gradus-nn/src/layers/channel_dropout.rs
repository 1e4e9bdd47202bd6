//! Whole channels that are left out at random.

use gradus_autograd::Var;

use super::dropout::{kept, probability};
use crate::{Ctx, Error, Layer, Module, Result};

/// Zeroes each channel of each row with probability `p` in training, and scales the others by 1/(1 − p).
/// As PyTorch's `Dropout1d`, `Dropout2d` and `Dropout3d`.
///
/// Neighbours in an image know much about each other, so leaving out single pixels leaves out little.
/// The identity in evaluation.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Reference
/// Tompson et al. 2015, "Efficient Object Localization Using Convolutional Networks".
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key};
/// use gradus_nn::{ChannelDropout, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::ones([1, 8, 3, 3], DType::F32)?);
/// let y = ChannelDropout::new(0.5)?.forward(&x, &mut Ctx::train(Key::new(7)))?;
/// let sums = y.value().sum([2, 3])?.to_vec::<f32>()?;
/// assert!(sums.iter().all(|&sum| sum == 0.0 || sum == 18.0));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct ChannelDropout {
    #[module(skip)]
    p: f64,
}

impl ChannelDropout {
    /// Dropout of channels with probability `p`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `p` is not in `0.0..1.0`.
    pub fn new(p: f64) -> Result<Self> {
        Ok(Self { p: probability("ChannelDropout", p)? })
    }

    /// The probability of a zero.
    pub const fn p(&self) -> f64 {
        self.p
    }
}

impl Layer for ChannelDropout {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        if x.rank() < 2 {
            let (layer, expected) = ("ChannelDropout", "[B, C, ...]".to_owned());
            return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
        }
        kept(x, 2, self.p, ctx)
    }
}
