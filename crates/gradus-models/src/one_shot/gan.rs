//! A generator and its adversary.

use gradus_autograd::{Graph, Var, grad, no_grad};
use gradus_core::{Key, Keys, Kind};
use gradus_nn::{Activation, Ctx, Layer, Module};
use gradus_tensor::{DType, Tensor};

use super::decode::Decode;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::labels::join_classes;
use super::shape::SampleShape;
use crate::error::{Error, Result, require};

const NAME: &str = "Gan";

/// Configuration of a [`Gan`].
#[derive(Debug, Clone, PartialEq)]
pub struct GanConfig {
    /// Shape of a sample: `[F]` for vectors, `[C, H, W]` for images.
    pub shape: Vec<usize>,
    /// Size of the vector of noise (Z).
    pub latent: usize,
    /// Hidden widths from the sample down: of layers for vectors, of the channels of convolutions, each of which
    /// halves the image, for images.
    pub widths: Vec<usize>,
    /// The function between layers.
    pub activation: Activation,
    /// The function after the generator's last layer: [`Activation::Tanh`] for data in −1..=1.
    pub output: Activation,
    /// Weight γ of the penalty γ/2·‖∇D‖² on the discriminator's gradient at real data, which makes training settle;
    /// 0 for none.
    pub r1: f64,
    /// How many classes a sample can have; 0 for none.
    pub classes: usize,
}

impl GanConfig {
    /// Leaky ReLU of slope 0.2, nothing after the last layer, γ = 0.1, without classes; two hidden layers of 64
    /// for vectors, two convolutions of 16 and 32 channels for images.
    pub fn new(shape: impl Into<Vec<usize>>, latent: usize) -> Self {
        let shape = shape.into();
        let widths = if shape.len() == 1 { vec![64, 64] } else { vec![16, 32] };
        let (activation, output) = (Activation::LeakyRelu(0.2), Activation::Identity);
        Self { shape, latent, widths, activation, output, r1: 0.1, classes: 0 }
    }

    /// Draws the generator, then the discriminator.
    ///
    /// # Errors
    /// [`Error::Config`] or [`gradus_nn::Error::InvalidConfig`] naming the field that cannot be.
    pub fn init(&self, keys: &mut Keys) -> Result<Gan> {
        let Self { latent, ref widths, activation, output, r1, classes, .. } = *self;
        let shape = SampleShape::new(NAME, &self.shape)?;
        require(latent > 0, NAME, "latent", "above zero", latent)?;
        require(!widths.contains(&0), NAME, "widths", "above zero", widths)?;
        require(r1 >= 0.0 && r1.is_finite(), NAME, "r1", "finite and not negative", r1)?;
        let net = Decoder::new(latent + classes, widths, shape, activation, keys)?;
        let generator = Generator { net, latent, classes, output };
        let net = Encoder::new(shape.plus(classes), widths, 1, activation, keys)?;
        Ok(Gan { generator, discriminator: Discriminator { net, shape, classes }, r1 })
    }
}

/// Makes samples from noise.
#[derive(Debug, Clone, Module)]
pub struct Generator {
    /// The network.
    pub net: Decoder,
    #[module(skip)]
    latent: usize,
    #[module(skip)]
    classes: usize,
    #[module(skip)]
    output: Activation,
}

impl Generator {
    /// Samples for vectors of noise.
    ///
    /// # Shapes
    /// - `z`: `[B, Z]`, `classes`: `i64` `[B]` → `[B, ...]`
    ///
    /// # Errors
    /// [`Error::InputShape`], [`Error::Classes`] or [`Error::Class`].
    pub fn forward(&self, z: &Var, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        if !matches!(z.dims(), &[_, latent] if latent == self.latent) {
            let (name, expected, got) = ("z", "[B, Z] with the model's Z", z.shape().clone());
            return Err(Error::InputShape { model: NAME, name, expected, got });
        }
        let z = join_classes(NAME, z, classes, self.classes)?;
        let y = ctx.at("net", |ctx| self.net.forward(&z, ctx))?;
        Ok(self.output.forward(&y, ctx)?)
    }

    /// `rows` samples from new noise.
    ///
    /// # Errors
    /// As [`Generator::forward`].
    pub fn sample(
        &self,
        rows: usize,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let dtype = self.parameters().first().map_or(DType::F32, |param| param.dtype());
        let z = Tensor::randn([rows, self.latent], dtype, key.kind(Kind::Noise))?;
        self.forward(&z.into(), classes, ctx)
    }
}

impl Decode for Generator {
    fn latent(&self) -> usize {
        self.latent
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn decode(&self, z: &Tensor, classes: Option<&Tensor>) -> Result<Tensor> {
        Ok(self.forward(&z.into(), classes, &mut Ctx::eval())?.into_value())
    }
}

/// Tells real samples from made ones.
#[derive(Debug, Clone, Module)]
pub struct Discriminator {
    /// The network.
    pub net: Encoder,
    #[module(skip)]
    shape: SampleShape,
    #[module(skip)]
    classes: usize,
}

impl Discriminator {
    /// ln D/(1 − D) for each row, with D the probability of being real.
    ///
    /// # Shapes
    /// - `x`: `[B, ...]`, `classes`: `i64` `[B]` → `[B]`
    ///
    /// # Errors
    /// [`Error::InputShape`], [`Error::Classes`] or [`Error::Class`].
    pub fn logits(&self, x: &Var, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        self.shape.rows_of(NAME, x.value())?;
        let x = join_classes(NAME, x, classes, self.classes)?;
        Ok(ctx.at("net", |ctx| self.net.forward(&x, ctx))?.squeeze(-1)?)
    }
}

/// A generator that learns to make samples which a discriminator takes for real, while that learns to tell them
/// apart.
///
/// Each step of training takes a gradient of [`Gan::discriminator_loss`] for `discriminator`, then one of
/// [`Gan::generator_loss`] for `generator`, each with an optimizer of its own.
///
/// # Reference
/// Goodfellow et al. 2014, "Generative Adversarial Networks"; Mescheder et al. 2018, "Which Training Methods for GANs
/// do actually Converge?", for the penalty; Mirza & Osindero 2014, "Conditional Generative Adversarial Nets".
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_generate::flow::{Flow, Grid, Samples, Solver};
/// use gradus_models::{GanConfig, OneShot};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let gan = GanConfig::new([2], 4).init(&mut Keys::new(7))?;
/// let real = Tensor::randn([8, 2], DType::F32, Key::new(1))?;
/// let ctx = &mut Ctx::train(Key::new(2));
/// let of_discriminator = gan.discriminator_loss(&real, None, Key::new(3), ctx)?.backward()?;
/// let of_generator = gan.generator_loss(8, None, Key::new(4), ctx)?.backward()?;
///
/// let direct = Flow { solver: Solver::Direct, grid: Grid::Uniform(1) };
/// let out = direct.run(&OneShot::new(&gan.generator), Samples::new(3, [4]))?.collect_all()?;
/// assert_eq!(out.value.dims(), &[3, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Gan {
    /// Makes samples.
    pub generator: Generator,
    /// Judges them.
    pub discriminator: Discriminator,
    #[module(skip)]
    r1: f64,
}

impl Gan {
    /// −ln D(real) − ln(1 − D(made)), each the mean over rows, and the penalty; as many samples are made as there are
    /// real ones, of the same classes. No gradient reaches the generator.
    ///
    /// # Shapes
    /// - `real`: `[B, ...]`, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`Error::InputShape`] if there is no row; [`Error::Classes`] or [`Error::Class`].
    ///
    /// # Reference
    /// Goodfellow et al. 2014, eq. 1; Mescheder et al. 2018, eq. 9.
    pub fn discriminator_loss(
        &self,
        real: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let rows = real.dims().first().copied().unwrap_or(0);
        require_rows(rows)?;
        let made = no_grad(|| self.generator.sample(rows, classes, key, ctx))?.detach();
        let made = self.discriminator.logits(&made, classes, ctx)?;
        let at = if self.r1 > 0.0 { Var::leaf(real.clone()) } else { real.into() };
        let logits = self.discriminator.logits(&at, classes, ctx)?;
        let loss = logits.neg()?.softplus()?.mean(..)?.add(&made.softplus()?.mean(..)?)?;
        if self.r1 == 0.0 {
            return Ok(loss);
        }
        let slopes = grad(&logits.sum(..)?, &[&at], Graph::Keep)?;
        let penalty = slopes[0].square()?.sum(..)?.mul_scalar(self.r1 / (2.0 * rows as f64))?;
        Ok(loss.add(&penalty)?)
    }

    /// −ln D(made), the mean over `rows` new samples: the form whose gradient does not vanish where the
    /// discriminator is sure. The discriminator gets gradients too, which nobody need use.
    ///
    /// # Errors
    /// [`Error::Config`] if `rows` is zero; [`Error::Classes`] or [`Error::Class`].
    ///
    /// # Reference
    /// Goodfellow et al. 2014, section 3.
    pub fn generator_loss(
        &self,
        rows: usize,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        require_rows(rows)?;
        let made = self.generator.sample(rows, classes, key, ctx)?;
        let logits = self.discriminator.logits(&made, classes, ctx)?;
        Ok(logits.neg()?.softplus()?.mean(..)?)
    }
}

fn require_rows(rows: usize) -> Result<()> {
    require(rows > 0, NAME, "rows", "above zero", rows)
}
