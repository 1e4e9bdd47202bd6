//! The variational autoencoder.

use gradus_autograd::Var;
use gradus_core::{Key, Keys};
use gradus_nn::{Activation, Ctx, Layer, Module};
use gradus_tensor::Tensor;

use super::decode::Decode;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::labels::join_classes;
use super::likelihood::Likelihood;
use super::posterior::Posterior;
use super::shape::SampleShape;
use crate::error::{Error, Result, require};

/// Configuration of a [`Vae`].
#[derive(Debug, Clone, PartialEq)]
pub struct VaeConfig {
    /// Shape of a sample: `[F]` for vectors, `[C, H, W]` for images.
    pub shape: Vec<usize>,
    /// Size of the latent vector (Z).
    pub latent: usize,
    /// What the data are.
    pub likelihood: Likelihood,
    /// Hidden widths from the sample down: of layers for vectors, of the channels of convolutions, each of which
    /// halves the image, for images.
    pub widths: Vec<usize>,
    /// The function between layers.
    pub activation: Activation,
    /// Weight of the divergence in the loss; 1 is the bound on the likelihood.
    pub beta: f64,
    /// How many classes a sample can have; 0 for none.
    pub classes: usize,
}

impl VaeConfig {
    /// SiLU, β = 1, without classes; one hidden layer of 64 for vectors, two convolutions of 16 and 32 channels
    /// for images.
    pub fn new(shape: impl Into<Vec<usize>>, latent: usize, likelihood: Likelihood) -> Self {
        let shape = shape.into();
        let widths = if shape.len() == 1 { vec![64] } else { vec![16, 32] };
        let activation = Activation::Silu;
        Self { shape, latent, likelihood, widths, activation, beta: 1.0, classes: 0 }
    }

    /// Draws encoder and decoder.
    ///
    /// # Errors
    /// [`Error::Config`] or [`gradus_nn::Error::InvalidConfig`] naming the field that cannot be.
    pub fn init(&self, keys: &mut Keys) -> Result<Vae> {
        const NAME: &str = "Vae";
        let Self { latent, likelihood, ref widths, activation, beta, classes, .. } = *self;
        let shape = SampleShape::new(NAME, &self.shape)?;
        require(latent > 0, NAME, "latent", "above zero", latent)?;
        require(!widths.contains(&0), NAME, "widths", "above zero", widths)?;
        require(beta >= 0.0 && beta.is_finite(), NAME, "beta", "finite and not negative", beta)?;
        likelihood.check(NAME)?;
        let whole = shape.times(likelihood.channels());
        Ok(Vae {
            encoder: Encoder::new(whole.plus(classes), widths, 2 * latent, activation, keys)?,
            decoder: Decoder::new(latent + classes, widths, whole, activation, keys)?,
            config: self.clone(),
            shape,
        })
    }
}

/// An encoder from samples to laws of a latent vector, and a decoder from latent vectors to laws of samples.
///
/// # Reference
/// Kingma & Welling 2013, "Auto-Encoding Variational Bayes"; Higgins et al. 2017, "beta-VAE"; Sohn et al. 2015,
/// "Learning Structured Output Representation using Deep Conditional Generative Models", for classes.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_models::{Likelihood, VaeConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let vae = VaeConfig::new([5], 2, Likelihood::Gaussian { std: 0.1 }).init(&mut Keys::new(7))?;
/// let data = Tensor::randn([8, 5], DType::F32, Key::new(1))?;
/// let loss = vae.loss(&data, None, Key::new(2), &mut Ctx::train(Key::new(3)))?;
/// let grads = loss.backward()?; // for an optimizer
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Vae {
    /// To mean and logarithm of the variance of the latent vector.
    pub encoder: Encoder,
    /// To the law of the sample.
    pub decoder: Decoder,
    #[module(skip)]
    config: VaeConfig,
    #[module(skip)]
    shape: SampleShape,
}

/// The two parts of the bound on ln p(data), for each row.
#[derive(Debug, Clone)]
pub struct Elbo {
    /// ln p(data | z) at a draw of z, in nats: `[B]`.
    pub log_likelihood: Var,
    /// KL(q(z | data) ‖ N(0, I)), in nats: `[B]`.
    pub kl: Var,
}

impl Vae {
    /// The size of the model.
    pub fn config(&self) -> &VaeConfig {
        &self.config
    }

    /// q(z | data).
    ///
    /// # Shapes
    /// - `data`: `[B, ...]`, of the network's dtype or, if categorical, `i64`; `classes`: `i64` `[B]`
    ///
    /// # Errors
    /// [`Error::InputShape`], [`Error::Token`] for a level that is not, [`Error::Classes`] or [`Error::Class`].
    pub fn encode(
        &self,
        data: &Tensor,
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Posterior> {
        let VaeConfig { likelihood, latent, classes: known, .. } = self.config;
        let seen = likelihood.seen("Vae", data, self.shape, self.dtype())?;
        let seen = join_classes("Vae", &seen.into(), classes, known)?;
        let both = ctx.at("encoder", |ctx| self.encoder.forward(&seen, ctx))?; // (B, 2Z)
        let (mean, log_var) = (both.narrow(-1, 0, latent)?, both.narrow(-1, latent, latent)?);
        Ok(Posterior { mean, log_var })
    }

    /// The decoder's numbers for latent vectors: logits, means, or a logit for each level, level by level.
    ///
    /// # Shapes
    /// - `z`: `[B, Z]`, `classes`: `i64` `[B]` → `[B, ...]`; categorical ones have as many times the channels
    ///
    /// # Errors
    /// [`Error::InputShape`], [`Error::Classes`] or [`Error::Class`].
    pub fn decoded(&self, z: &Var, classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        if !matches!(z.dims(), &[_, latent] if latent == self.config.latent) {
            let (name, expected, got) = ("z", "[B, Z] with the model's Z", z.shape().clone());
            return Err(Error::InputShape { model: "Vae", name, expected, got });
        }
        let z = join_classes("Vae", z, classes, self.config.classes)?;
        Ok(ctx.at("decoder", |ctx| self.decoder.forward(&z, ctx))?)
    }

    /// An estimate of the evidence lower bound `log_likelihood` − `kl` ≤ ln p(data), with one draw of z for each row;
    /// the divergence is exact.
    ///
    /// # Errors
    /// As [`Vae::encode`].
    ///
    /// # Reference
    /// Kingma & Welling 2013, eq. 10.
    pub fn elbo(
        &self,
        data: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Elbo> {
        let law = self.encode(data, classes, ctx)?;
        let decoded = self.decoded(&law.sample(key)?, classes, ctx)?;
        let log_likelihood = self.config.likelihood.log_prob(data, &decoded)?;
        Ok(Elbo { log_likelihood, kl: law.kl()? })
    }

    /// β·`kl` − `log_likelihood`, the mean over rows, in nats for a sample.
    ///
    /// # Errors
    /// As [`Vae::encode`]; [`Error::InputShape`] if there is no row.
    pub fn loss(
        &self,
        data: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        if data.is_empty() {
            let (name, expected, got) = ("data", "[B, ...], not empty", data.shape().clone());
            return Err(Error::InputShape { model: "Vae", name, expected, got });
        }
        let Elbo { log_likelihood, kl } = self.elbo(data, classes, key, ctx)?;
        Ok(kl.mul_scalar(self.config.beta)?.sub(&log_likelihood)?.mean(..)?)
    }

    fn dtype(&self) -> gradus_tensor::DType {
        self.parameters().first().map_or(gradus_tensor::DType::F32, |param| param.dtype())
    }
}

/// The most likely sample for a latent vector: chances of a yes, means, or the likeliest levels.
impl Decode for Vae {
    fn latent(&self) -> usize {
        self.config.latent
    }

    fn classes(&self) -> usize {
        self.config.classes
    }

    fn decode(&self, z: &Tensor, classes: Option<&Tensor>) -> Result<Tensor> {
        let decoded = self.decoded(&z.into(), classes, &mut Ctx::eval())?;
        self.config.likelihood.best(&decoded)
    }
}
