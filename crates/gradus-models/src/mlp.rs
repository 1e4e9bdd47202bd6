//! The fully connected feedforward network.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Activation, Ctx, Layer, Linear, Module};

use crate::error::{Result, require};

/// Configuration of an [`Mlp`].
#[derive(Debug, Clone, PartialEq)]
pub struct MlpConfig {
    /// Widths from the input to the output; at least two.
    pub widths: Vec<usize>,
    /// The function between the layers.
    pub activation: Activation,
}

impl MlpConfig {
    /// ReLU between layers of the given widths.
    pub fn new(widths: impl Into<Vec<usize>>) -> Self {
        Self { widths: widths.into(), activation: Activation::Relu }
    }

    /// Draws the initial parameters.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if there are fewer than two widths or one is zero.
    pub fn init(&self, keys: &mut Keys) -> Result<Mlp> {
        require(self.widths.len() >= 2, "Mlp", "widths", "at least two", &self.widths)?;
        require(!self.widths.contains(&0), "Mlp", "widths", "above zero", &self.widths)?;
        let layers = self
            .widths
            .windows(2)
            .map(|w| Linear::new(w[0], w[1], keys))
            .collect::<gradus_nn::Result<_>>()?;
        Ok(Mlp { layers, activation: self.activation })
    }
}

/// A multilayer perceptron: σ(… σ(x W₁ᵀ + b₁) …) Wₙᵀ + bₙ, without σ after the last layer.
///
/// # Shapes
/// - `x`: `[..., widths[0]]` → `[..., widths[n]]`
///
/// # Reference
/// Rumelhart, Hinton & Williams 1986, "Learning representations by back-propagating errors".
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::{DType, Key, Keys};
/// use gradus_models::MlpConfig;
/// use gradus_nn::{Ctx, Layer, Module};
/// use gradus_tensor::Tensor;
///
/// let mlp = MlpConfig::new([64, 32, 10]).init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::rand([5, 64], DType::F32, Key::new(1))?);
/// assert_eq!(mlp.forward(&x, &mut Ctx::eval())?.dims(), &[5, 10]);
/// assert_eq!(mlp.num_parameters(), 64 * 32 + 32 + 32 * 10 + 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Mlp {
    /// One fewer than there are widths.
    pub layers: Vec<Linear>,
    /// The function between them.
    #[module(skip)]
    pub activation: Activation,
}

impl Mlp {
    /// The output of the last hidden layer, after its activation (the input if there is none).
    ///
    /// # Errors
    /// If the last dimension of `x` is not the first width.
    pub fn features(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let mut x = x.clone();
        let hidden = self.layers.len().saturating_sub(1);
        for (i, layer) in self.layers.iter().take(hidden).enumerate() {
            x = ctx.at(format_args!("layers.{i}"), |ctx| layer.forward(&x, ctx))?;
            x = self.activation.forward(&x, ctx)?;
        }
        Ok(x)
    }
}

impl Layer for Mlp {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let x = self.features(x, ctx)?;
        let Some(last) = self.layers.last() else { return Ok(x) };
        ctx.at(format_args!("layers.{}", self.layers.len() - 1), |ctx| last.forward(&x, ctx))
    }
}
