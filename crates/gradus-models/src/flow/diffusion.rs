//! Flow matching and diffusion: the network's answer is the estimate.

use gradus_autograd::Var;
use gradus_core::Key;
use gradus_generate::flow::{Path, Target};
use gradus_nn::Ctx;
use gradus_nn::loss::{Reduction, mse};
use gradus_tensor::Tensor;

use super::process::Process;
use super::rows::{even_times, noise_like, per_row, rows_of};
use super::time_conditioned::TimeConditioned;
use crate::error::{Result, require};

/// A network that estimates the data, the noise or the velocity at x = a(t)·data + s(t)·noise itself.
///
/// | process | path | target |
/// |---|---|---|
/// | [`Diffusion::FLOW_MATCHING`] | t·data + (1 − t)·noise | velocity data − noise |
/// | [`Diffusion::DDPM`] | √ᾱ·data + √(1 − ᾱ)·noise, linear β | noise ε |
/// | [`Diffusion::COSINE`] | the same, cosine | velocity √ᾱ·noise − √(1 − ᾱ)·data |
///
/// Any other pair will do. An estimate of the noise says nothing of the data where x holds none: start a
/// grid behind that time, or take another target.
///
/// # Reference
/// Lipman et al. 2022, "Flow Matching for Generative Modeling"; Ho et al. 2020, "Denoising Diffusion
/// Probabilistic Models", eq. 14; Salimans & Ho 2022, "Progressive Distillation", for the velocity.
///
/// # Examples
/// Reflow: the same loss on the model's own pairs of noise and sample straightens the paths.
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_generate::flow::{Flow, Samples};
/// use gradus_models::{Denoiser, Diffusion, FlowMlpConfig, Pairs};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let config = FlowMlpConfig { width: 8, n_blocks: 1, ..FlowMlpConfig::new(2) };
/// let (teacher, student) = (config.init(&mut Keys::new(7))?, config.init(&mut Keys::new(7))?);
/// let process = Diffusion::FLOW_MATCHING;
/// let noise = Tensor::randn([16, 2], DType::F32, Key::new(1))?;
/// let model = Denoiser::new(&teacher, process);
/// let samples = Flow::default().run(&model, Samples::starting_at(&noise))?.collect_all()?.value;
/// let pairs = Pairs { data: &samples, noise: &noise };
/// let loss = process.pair_loss(&student, pairs, None, Key::new(2), &mut Ctx::eval())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diffusion {
    /// How data and noise are mixed, over times in 0..=1.
    pub path: Path,
    /// What the network estimates.
    pub target: Target,
}

/// Data and the noise that belongs to each row of them, in one shape.
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a> {
    /// `[B, ...]`
    pub data: &'a Tensor,
    /// `[B, ...]`
    pub noise: &'a Tensor,
}

impl Diffusion {
    /// The velocity on the straight path.
    pub const FLOW_MATCHING: Self = Self { path: Path::Flow, target: Target::Velocity };

    /// The noise, with the linear schedule of DDPM.
    pub const DDPM: Self =
        Self { path: Path::Linear { min: 0.1, max: 20.0 }, target: Target::Noise };

    /// The velocity, with the cosine schedule.
    pub const COSINE: Self = Self { path: Path::Cosine, target: Target::Velocity };

    /// The mean over all numbers of (answer − target)², at a time for each row, uniform on (0, 1) and
    /// spread evenly over the batch, with new noise for each row.
    ///
    /// # Shapes
    /// - `data`: `[B, ...]` of the network's dtype, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`crate::Error::InputShape`] if there are no data; [`crate::Error::Config`] for
    /// [`Path::Edm`], which has a process of its own, and for a velocity on a path of
    /// [`Path::Other`] on which a² + s² is not 1; as [`TimeConditioned::forward_at`].
    pub fn loss<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        data: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        rows_of("Diffusion", data)?;
        let noise = &noise_like(data, key)?;
        self.pair_loss(net, Pairs { data, noise }, classes, key, ctx)
    }

    /// [`Diffusion::loss`] with given noise: reflow, if each row of the data was made from its noise.
    ///
    /// # Errors
    /// As [`Diffusion::loss`]; if the shapes differ.
    ///
    /// # Reference
    /// Liu et al. 2022, "Flow Straight and Fast", section 2.1.
    pub fn pair_loss<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        Pairs { data, noise }: Pairs<'_>,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let times = even_times(rows_of("Diffusion", data)?, key);
        let scales: Vec<(f64, f64)> = times.iter().map(|&t| self.path.scales(t)).collect();
        self.check(&scales)?;
        let a = per_row(data, scales.iter().map(|scales| scales.0))?;
        let s = per_row(data, scales.iter().map(|scales| scales.1))?;
        let x = data.mul(&a)?.add(&noise.mul(&s)?)?;
        let target = match self.target {
            Target::Data => data.clone(),
            Target::Noise => noise.clone(),
            Target::Velocity if self.path == Path::Flow => data.sub(noise)?,
            Target::Velocity => noise.mul(&a)?.sub(&data.mul(&s)?)?,
        };
        let answer = self.estimate(net, &x.into(), &times, classes, ctx)?;
        Ok(mse(&answer, &target.into(), Reduction::Mean)?)
    }

    fn check(&self, scales: &[(f64, f64)]) -> Result<()> {
        let open = self.path != Path::Edm;
        require(open, "Diffusion", "path", "one with times in 0..=1", self.path)?;
        let free = self.target != Target::Velocity || self.path == Path::Flow;
        let circle = |&(a, s): &(f64, f64)| (a * a + s * s - 1.0).abs() < 1e-9;
        let valid = free || scales.iter().all(circle);
        require(valid, "Diffusion", "target", "one that the path has", self.target)
    }
}

impl Process for Diffusion {
    fn path(&self) -> Path {
        self.path
    }

    fn target(&self) -> Target {
        self.target
    }

    fn estimate<N: TimeConditioned + ?Sized>(
        &self,
        net: &N,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        net.forward_at(x, times, classes, ctx)
    }
}
