//! How to walk from noise to data.

use super::denoise::Denoise;
use super::grid::Grid;
use super::path::Path;
use super::run::FlowRun;
use super::samples::Samples;
use crate::{Error, Result};

/// Continuous generation, all values at once: a solver on a grid of times.
///
/// # Examples
/// The ideal velocity for data that is always 2:
/// ```
/// use gradus_generate::flow::{Denoise, Flow, Grid, Path, Samples, Solver, Target};
/// use gradus_tensor::Tensor;
///
/// struct Two;
///
/// impl Denoise for Two {
///     fn path(&self) -> Path {
///         Path::Flow
///     }
///     fn target(&self) -> Target {
///         Target::Data
///     }
///     fn predict(&self, x: &Tensor, _: f64) -> gradus_generate::Result<Tensor> {
///         Ok(x.full_like(2.0))
///     }
/// }
///
/// let flow = Flow { solver: Solver::Euler, grid: Grid::Uniform(4) };
/// let output = flow.run(&Two, Samples::new(3, [5]).seed(7))?.collect_all()?;
/// assert_eq!((output.value.dims(), output.stats.calls), (&[3, 5][..], 4));
/// assert!((output.value.sum(..)?.item()? - 30.0).abs() < 1e-5);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// How a step is made.
    pub solver: Solver,
    /// The times of the steps.
    pub grid: Grid,
}

impl Default for Flow {
    /// Heun's method in 16 equal steps.
    fn default() -> Self {
        Self { solver: Solver::Heun, grid: Grid::Uniform(16) }
    }
}

/// How a step from time t to time u is made. With x̂ and ε̂ the estimates of data and noise at t.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Solver {
    /// x ← a(u)·x̂ + s(u)·ε̂. First order, one call per step. The same as DDIM with η = 0, and on
    /// [`Path::Flow`] x ← x + (u − t)·v.
    Euler,
    /// Euler, then once more with the mean of the directions at both ends. Second order, two calls per
    /// step; one in the last step if the direction at the data is not defined, which it is for a
    /// velocity on [`Path::Flow`] alone.
    ///
    /// # Reference
    /// Karras et al. 2022, algorithm 1 without its churn.
    Heun,
    /// Half a step of Euler, then a step with the direction found there. Second order, two calls per
    /// step. For [`Path::Flow`] and [`Path::Edm`].
    Midpoint,
    /// Euler with new noise in each step: x ← a(u)·x̂ + √(s(u)² − σ²)·ε̂ + σ·z, σ = η·s(u)·√(1 −
    /// (s(u)·a(t) / (a(u)·s(t)))²). η = 1 is the ancestral step of DDPM.
    ///
    /// # Reference
    /// Song et al. 2020, "Denoising Diffusion Implicit Models", eq. 12 and 16.
    Ddim {
        /// Share of the noise that is drawn again, in 0..=1.
        eta: f64,
    },
    /// DPM-Solver++ 2M: second order with one call per step, from the estimates of the last two steps.
    /// The last step, if it ends without noise, is Euler's.
    ///
    /// # Reference
    /// Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
    /// Models", algorithm 2.
    Dpm2m,
    /// x ← x̂ in a single call, at the first time of the grid: the decoder of a VAE, a GAN's generator,
    /// a consistency model. Of a model that estimates the data, x̂ may have another shape than the noise:
    /// that of a sample, made from a latent vector.
    Direct,
    /// x ← a(u)·x̂ + s(u)·z: multi-step consistency sampling.
    ///
    /// # Reference
    /// Song et al. 2023, "Consistency Models", algorithm 1.
    Renoise,
}

impl Flow {
    /// Starts a run. Nothing is computed until it is pulled.
    ///
    /// # Errors
    /// [`Grid::times`]; [`Error::Parameter`] for η outside 0..=1; [`Error::Contradiction`] for a solver
    /// on a path it is not for; [`Error::Length`] for no samples.
    pub fn run<'m, M: Denoise + ?Sized>(
        &self,
        model: &'m M,
        samples: Samples,
    ) -> Result<FlowRun<'m, M>> {
        let path = model.path();
        let times = self.grid.times(&path)?;
        match self.solver {
            Solver::Ddim { eta } if !(0.0..=1.0).contains(&eta) => {
                Err(Error::Parameter { name: "η of DDIM", expected: "in 0..=1", got: eta })
            }
            Solver::Midpoint if !matches!(path, Path::Flow | Path::Edm) => {
                let (what, with) = ("the midpoint rule", "a path that is not straight in time");
                Err(Error::Contradiction { what, with })
            }
            _ => FlowRun::new(model, self.solver, times, samples),
        }
    }
}
