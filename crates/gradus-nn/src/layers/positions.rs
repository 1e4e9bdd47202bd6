//! Where in a sequence a vector stands, added to it.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Error, Layer, Module, Result, init};

/// Adds sines and cosines of the position: sin(t · f) in even channels and cos(t · f) in odd ones, with
/// frequencies f = base^(−2i/C) for the i-th pair.
///
/// There is nothing to learn, and any position has its vector.
///
/// # Shapes
/// - `x`: `[..., T, C]` → the same
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Layer, SinusoidalPositions, Tensor, Var};
///
/// let x = Var::constant(Tensor::zeros([1, 3, 4], DType::F32)?);
/// let y = SinusoidalPositions::new(4)?.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().select(1, 0)?.to_vec::<f32>()?, [0.0, 1.0, 0.0, 1.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct SinusoidalPositions {
    #[module(skip)]
    channels: usize,
    /// The longest wave is 2π times this long; 10,000 in the paper.
    #[module(skip)]
    pub base: f64,
}

impl SinusoidalPositions {
    /// For vectors of size `channels`, with base 10,000.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `channels` is zero or odd.
    pub fn new(channels: usize) -> Result<Self> {
        let valid = channels > 0 && channels.is_multiple_of(2);
        require(valid, "SinusoidalPositions", "channels", "above zero and even", channels)?;
        Ok(Self { channels, base: 10_000.0 })
    }

    /// The vectors of `len` positions from `start` on: `[len, C]`, in f64.
    ///
    /// # Errors
    /// If there is not the memory for it.
    pub fn table(&self, start: usize, len: usize) -> Result<Tensor> {
        let mut table = Vec::with_capacity(len * self.channels);
        for place in start..start + len {
            for pair in 0..self.channels / 2 {
                let power = -2.0 * pair as f64 / self.channels as f64;
                let (sin, cos) = (place as f64 * self.base.powf(power)).sin_cos();
                table.extend([sin, cos]);
            }
        }
        Ok(Tensor::from_vec(table, [len, self.channels])?)
    }

    /// As [`Layer::forward`], for positions that follow `start` others.
    ///
    /// # Errors
    /// [`Error::InputShape`] if `x` is not `[..., T, C]`.
    pub fn forward_from(&self, x: &Var, start: usize, _ctx: &mut Ctx) -> Result<Var> {
        let len = length("SinusoidalPositions", x, self.channels)?;
        Ok(x.add(&self.table(start, len)?.to_dtype(x.dtype())?.into())?)
    }
}

impl Layer for SinusoidalPositions {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_from(x, 0, ctx)
    }
}

/// Adds a learned vector per position.
///
/// # Shapes
/// - `x`: `[..., T, C]` with T up to the length of the table, `weight`: `[positions, C]` → the same as `x`
///
/// # Reference
/// Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", section 3.1.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Ctx, Layer, LearnedPositions, Tensor, Var};
///
/// let positions = LearnedPositions::new(8, 4, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::zeros([1, 3, 4], DType::F32)?);
/// assert_eq!(positions.forward(&x, &mut Ctx::eval())?.dims(), &[1, 3, 4]);
/// let long = Var::constant(Tensor::zeros([1, 9, 4], DType::F32)?);
/// assert!(positions.forward(&long, &mut Ctx::eval()).is_err());
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LearnedPositions {
    /// One row per position: `[positions, C]`.
    pub weight: Param,
}

impl LearnedPositions {
    /// A table for so many positions, drawn from N(0, 0.02²) as GPT-2's.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(positions: usize, channels: usize, keys: &mut Keys) -> Result<Self> {
        const NAME: &str = "LearnedPositions";
        require(positions > 0, NAME, "positions", "above zero", positions)?;
        require(channels > 0, NAME, "channels", "above zero", channels)?;
        let weight = init::normal([positions, channels], 0.0, 0.02, keys.next_key())?;
        Ok(Self { weight: Param::new(weight) })
    }

    /// As [`Layer::forward`], for positions that follow `start` others.
    ///
    /// # Errors
    /// [`Error::InputShape`] if `x` is not `[..., T, C]`, or ends behind the last position.
    pub fn forward_from(&self, x: &Var, start: usize, _ctx: &mut Ctx) -> Result<Var> {
        const NAME: &str = "LearnedPositions";
        let [positions, channels] = [0, 1].map(|dim| self.weight.shape()[dim]);
        let len = length(NAME, x, channels)?;
        if start.checked_add(len).is_none_or(|end| end > positions) {
            let expected = format!("at most {positions} positions, {start} of them before");
            return Err(Error::InputShape { layer: NAME, expected, got: x.shape().clone() });
        }
        Ok(x.add(&self.weight.var().narrow(0, start, len)?)?)
    }
}

impl Layer for LearnedPositions {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_from(x, 0, ctx)
    }
}

/// T of `[..., T, C]`.
fn length(layer: &'static str, x: &Var, channels: usize) -> Result<usize> {
    match *x.dims() {
        [.., len, width] if width == channels => Ok(len),
        _ => {
            let expected = format!("[..., T, {channels}]");
            Err(Error::InputShape { layer, expected, got: x.shape().clone() })
        }
    }
}
