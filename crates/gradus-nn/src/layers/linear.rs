//! The affine map.

use gradus_autograd::{Param, Var};
use gradus_core::{Keys, Shape};

use crate::error::require;
use crate::{Ctx, Error, Layer, Lora, Module, Result, Weighted, init};

/// Configuration of a [`Linear`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinearConfig {
    /// Size of the last dimension of the input.
    pub in_features: usize,
    /// Size of the last dimension of the output.
    pub out_features: usize,
    /// Whether a learned vector is added.
    pub bias: bool,
}

impl LinearConfig {
    /// With a bias.
    pub const fn new(in_features: usize, out_features: usize) -> Self {
        Self { in_features, out_features, bias: true }
    }

    /// Draws weight and bias from U(−1/√in, 1/√in), as PyTorch.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `in_features` or `out_features` is zero.
    pub fn init(&self, keys: &mut Keys) -> Result<Linear> {
        let Self { in_features, out_features, bias } = *self;
        require(in_features > 0, "Linear", "in_features", "above zero", in_features)?;
        require(out_features > 0, "Linear", "out_features", "above zero", out_features)?;
        let bound = 1.0 / (in_features as f64).sqrt();
        let draw = |shape: Shape, keys: &mut Keys| {
            init::uniform(shape, -bound, bound, keys.next_key()).map(Param::new)
        };
        let weight = draw([out_features, in_features].into(), keys)?;
        let bias = if bias { Some(draw(out_features.into(), keys)?) } else { None };
        Ok(Linear { weight, bias, lora: None })
    }
}

/// The affine map y = x Wᵀ + b of the last dimension.
///
/// A row of the output does not depend, bit for bit, on how many rows are computed together.
///
/// # Shapes
/// - `x`: `[..., in]`, `weight`: `[out, in]`, `bias`: `[out]` → `[..., out]`
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Ctx, Layer, Linear, Tensor, Var};
///
/// let linear = Linear::new(3, 2, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::new([[1.0, 2.0, 3.0]]));
/// assert_eq!(linear.forward(&x, &mut Ctx::eval())?.dims(), &[1, 2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Linear {
    /// W: `[out, in]`.
    pub weight: Param,
    /// b: `[out]`.
    pub bias: Option<Param>,
    /// An addition of low rank, if it has one: see [`LoraConfig`](crate::LoraConfig).
    pub lora: Option<Lora>,
}

impl Linear {
    /// A layer with a bias; [`LinearConfig`] says how it is drawn.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(in_features: usize, out_features: usize, keys: &mut Keys) -> Result<Self> {
        LinearConfig::new(in_features, out_features).init(keys)
    }

    /// Size of the last dimension of the input.
    pub fn in_features(&self) -> usize {
        self.weight.value().dims()[1]
    }

    /// Size of the last dimension of the output.
    pub fn out_features(&self) -> usize {
        self.weight.value().dims()[0]
    }
}

impl Weighted for Linear {
    fn weight(&self) -> &Param {
        &self.weight
    }

    fn forward_with(&self, weight: &Var, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let (inputs, outputs) = (self.in_features(), self.out_features());
        if x.dims().last() != Some(&inputs) {
            let expected = format!("[..., {inputs}]");
            return Err(Error::InputShape { layer: "Linear", expected, got: x.shape().clone() });
        }
        ctx.count(2 * (x.len() * outputs) as u64);
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.linear(weight, bias.as_ref())?;
        match &self.lora {
            Some(lora) => Ok(y.add(&lora.addition(x, ctx)?)?),
            None => Ok(y),
        }
    }
}

impl Layer for Linear {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_with(&self.weight.var(), x, ctx)
    }
}
