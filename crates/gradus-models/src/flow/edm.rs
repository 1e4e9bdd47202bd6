//! Diffusion with inputs and outputs of unit variance at every level of noise.

use gradus_autograd::Var;
use gradus_core::{Key, Kind};
use gradus_generate::flow::{Path, Target};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::process::Process;
use super::rows::{noise_like, per_row, rows_of};
use super::time_conditioned::TimeConditioned;
use crate::error::{Result, require};

/// The preconditioned denoiser: `D(x; σ) = c_skip·x + c_out·F(c_in·x; c_noise)`, with x = data + σ·noise.
///
/// With s the deviation of the data: `c_skip = s²/(σ² + s²)`, `c_out = σ·s/√(σ² + s²)`,
/// `c_in = 1/√(σ² + s²)`, `c_noise = ln(σ)/4`.
///
/// # Reference
/// Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", table 1.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_generate::flow::{Flow, Grid, Samples, Solver};
/// use gradus_models::{Denoiser, Edm, FlowMlpConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let net = FlowMlpConfig { width: 8, ..FlowMlpConfig::new(3) }.init(&mut Keys::new(7))?;
/// let data = Tensor::new([[0.5, -0.5, 0.1]]);
/// let loss = Edm::default().loss(&net, &data, None, Key::new(1), &mut Ctx::train(Key::new(2)))?;
///
/// let flow = Flow { solver: Solver::Heun, grid: Grid::karras(8) };
/// let out = flow.run(&Denoiser::new(&net, Edm::default()), Samples::new(2, [3]))?.collect_all()?;
/// assert_eq!(out.stats.calls, 15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edm {
    /// Deviation of the data (s).
    pub sigma_data: f64,
    /// Mean of ln σ in training.
    pub mean: f64,
    /// Deviation of ln σ in training.
    pub std: f64,
}

impl Default for Edm {
    /// Data of deviation 0.5, ln σ ~ N(−1.2, 1.2²): the paper's, for images in −1..=1.
    fn default() -> Self {
        Self { sigma_data: 0.5, mean: -1.2, std: 1.2 }
    }
}

impl Edm {
    /// The mean over all numbers of (D(data + σ·noise; σ) − data)²/`c_out`², with σ and noise new for each
    /// row. In units of the network's own output, so that every σ counts alike.
    ///
    /// # Shapes
    /// - `data`: `[B, ...]` of the network's dtype, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`crate::Error::InputShape`] if there are no data; [`crate::Error::Config`] if a deviation is not
    /// above zero or not finite; as [`TimeConditioned::forward_at`].
    pub fn loss<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        data: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.check()?;
        let rows = rows_of("Edm", data)?;
        let levels = key.kind(Kind::Noise);
        let level = |b| (self.mean + self.std * levels.normal(b)).exp();
        let sigmas: Vec<f64> = (0..rows as u64).map(level).collect();
        let noise = noise_like(data, key)?.mul(&per_row(data, sigmas.iter().copied())?)?;
        let estimate = self.estimate(net, &data.add(&noise)?.into(), &sigmas, classes, ctx)?;
        let inverse = |&sigma: &f64| 1.0 / self.scales(sigma).out;
        let off = estimate.sub(&data.into())?;
        let off = off.mul(&per_row(data, sigmas.iter().map(inverse))?.into())?;
        Ok(off.square()?.mean(..)?)
    }

    fn check(&self) -> Result<()> {
        let Self { sigma_data, mean, std } = *self;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let expected = "above zero and finite";
        require(positive(sigma_data), "Edm", "sigma_data", expected, sigma_data)?;
        require(mean.is_finite(), "Edm", "mean", "finite", mean)?;
        require(positive(std), "Edm", "std", expected, std)
    }

    fn scales(&self, sigma: f64) -> Scales {
        let (data, all) = (self.sigma_data, sigma.hypot(self.sigma_data));
        Scales { skip: (data / all).powi(2), out: sigma * data / all, inner: 1.0 / all }
    }
}

/// `c_skip`, `c_out` and `c_in` of a level of noise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scales {
    pub(super) skip: f64,
    pub(super) out: f64,
    pub(super) inner: f64,
}

/// `c_skip`·x + `c_out`·F(`c_in`·x; ln(σ)/4).
pub(super) fn precondition<N: TimeConditioned + ?Sized>(
    net: &N,
    x: &Var,
    sigmas: &[f64],
    scales: impl Fn(f64) -> Scales,
    classes: Option<&Tensor>,
    ctx: &mut Ctx,
) -> Result<Var> {
    rows_of("Edm", x.value())?;
    let of = |f: fn(Scales) -> f64| per_row(x.value(), sigmas.iter().map(|&s| f(scales(s))));
    let inner = x.mul(&of(|scales| scales.inner)?.into())?;
    // Without noise the answer does not count, but must be a number.
    let levels: Vec<f64> = sigmas.iter().map(|s| s.max(f64::MIN_POSITIVE).ln() / 4.0).collect();
    let answer = net.forward_at(&inner, &levels, classes, ctx)?;
    let skip = x.mul(&of(|scales| scales.skip)?.into())?;
    Ok(skip.add(&answer.mul(&of(|scales| scales.out)?.into())?)?)
}

impl Process for Edm {
    fn path(&self) -> Path {
        Path::Edm
    }

    fn target(&self) -> Target {
        Target::Data
    }

    fn estimate<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        self.check()?;
        precondition(net, x, times, |sigma| self.scales(sigma), classes, ctx)
    }
}
