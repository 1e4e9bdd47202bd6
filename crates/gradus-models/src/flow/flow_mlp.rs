//! A network over vectors that is told a time.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_nn::{Ctx, Layer, LayerNorm, Linear, Module};
use gradus_tensor::Tensor;

use super::condition::Condition;
use super::time_conditioned::TimeConditioned;
use crate::error::{Error, Result, require};

/// Configuration of a [`FlowMlp`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowMlpConfig {
    /// Numbers of a sample.
    pub features: usize,
    /// Width of the hidden vectors.
    pub width: usize,
    /// How many residual blocks there are.
    pub n_blocks: usize,
    /// How many classes a sample can have; 0 for none.
    pub classes: usize,
}

impl FlowMlpConfig {
    /// Three blocks of width 128, without classes.
    pub const fn new(features: usize) -> Self {
        Self { features, width: 128, n_blocks: 3, classes: 0 }
    }

    /// Draws the layers; the last one is zero, so that a new network answers 0.
    ///
    /// # Errors
    /// [`Error::Config`] if `features` or `width` is zero.
    pub fn init(&self, keys: &mut Keys) -> Result<FlowMlp> {
        const NAME: &str = "FlowMlp";
        let Self { features, width, n_blocks, classes } = *self;
        require(features > 0, NAME, "features", "above zero", features)?;
        require(width > 0, NAME, "width", "above zero", width)?;
        let condition = Condition::new(NAME, width, classes, keys)?;
        let input = Linear::new(features, width, keys)?;
        let blocks = (0..n_blocks).map(|_| FlowMlpBlock::new(width, keys));
        let blocks = blocks.collect::<Result<_>>()?;
        let mut output = Linear::new(width, features, keys)?;
        output.weight = Param::new(output.weight.value().zeros_like());
        output.bias = output.bias.map(|bias| Param::new(bias.value().zeros_like()));
        Ok(FlowMlp { condition, input, blocks, norm: LayerNorm::new(width)?, output })
    }
}

/// Residual blocks over vectors of any size, each told the time and the class.
///
/// # Shapes
/// - `x`: `[B, ...]` with `features` numbers in a row → the same
///
/// # Examples
/// A flow from noise to two points, sampled after a few steps of training:
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_generate::flow::{Flow, Samples};
/// use gradus_models::{Denoiser, Diffusion, FlowMlpConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let config = FlowMlpConfig { width: 16, n_blocks: 1, ..FlowMlpConfig::new(2) };
/// let net = config.init(&mut Keys::new(7))?;
/// let data = Tensor::new([[1.0, 2.0], [-1.0, -2.0]]);
/// let process = Diffusion::FLOW_MATCHING;
/// let loss = process.loss(&net, &data, None, Key::new(1), &mut Ctx::train(Key::new(2)))?;
/// let grads = loss.backward()?; // for an optimizer
///
/// let model = Denoiser::new(&net, process);
/// let out = Flow::default().run(&model, Samples::new(4, [2]).seed(7))?.collect_all()?;
/// assert_eq!(out.value.dims(), &[4, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct FlowMlp {
    /// The time and the class.
    pub condition: Condition,
    /// From the sample.
    pub input: Linear,
    /// The blocks.
    pub blocks: Vec<FlowMlpBlock>,
    /// Before the output.
    pub norm: LayerNorm,
    /// To the answer.
    pub output: Linear,
}

impl TimeConditioned for FlowMlp {
    fn forward_at(
        &self,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let (rows, features) = (times.len(), self.input.in_features());
        if x.rank() == 0 || x.dims()[0] != rows || x.len() != rows * features {
            let expected = "[B, ...] with B times and the network's number of features in a row";
            let got = x.shape().clone();
            return Err(Error::InputShape { model: "FlowMlp", name: "x", expected, got });
        }
        let told = self.condition.forward(times, classes, ctx)?.silu()?;
        let flat = x.reshape([rows, features])?;
        let mut h = ctx.at("input", |ctx| self.input.forward(&flat, ctx))?; // (B, W)
        for (i, block) in self.blocks.iter().enumerate() {
            h = ctx.at(format_args!("blocks.{i}"), |ctx| block.forward(&h, &told, ctx))?;
        }
        let h = ctx.at("norm", |ctx| self.norm.forward(&h, ctx))?.silu()?;
        Ok(ctx.at("output", |ctx| self.output.forward(&h, ctx))?.reshape(x.shape())?)
    }

    fn classes(&self) -> usize {
        self.condition.classes()
    }
}

/// x ← x + W₂ silu(W₁ norm(x) + W₀ c), with c what the network is told.
///
/// # Shapes
/// - `x`, `told`: `[B, width]` → the same
#[derive(Debug, Clone, Module)]
pub struct FlowMlpBlock {
    /// Of the input.
    pub norm: LayerNorm,
    /// From what is told.
    pub told: Linear,
    /// From the input.
    pub fc1: Linear,
    /// To the sum.
    pub fc2: Linear,
}

impl FlowMlpBlock {
    fn new(width: usize, keys: &mut Keys) -> Result<Self> {
        let mut map = || Linear::new(width, width, keys);
        let (told, fc1, fc2) = (map()?, map()?, map()?);
        Ok(Self { norm: LayerNorm::new(width)?, told, fc1, fc2 })
    }

    fn forward(&self, x: &Var, told: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let h = ctx.at("norm", |ctx| self.norm.forward(x, ctx))?;
        let h = ctx.at("fc1", |ctx| self.fc1.forward(&h, ctx))?;
        let h = h.add(&ctx.at("told", |ctx| self.told.forward(told, ctx))?)?.silu()?;
        Ok(x.add(&ctx.at("fc2", |ctx| self.fc2.forward(&h, ctx))?)?)
    }
}
