//! From any level of noise to the data in one call.

use gradus_autograd::{Var, no_grad};
use gradus_core::{Key, Kind};
use gradus_generate::flow::{Path, Target};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::edm::{Scales, precondition};
use super::process::Process;
use super::rows::{noise_like, per_row, rows_of};
use super::time_conditioned::TimeConditioned;
use crate::error::{Result, require};

/// A consistency model: `f(x, σ) = c_skip·x + c_out·F(c_in·x; ln(σ)/4)` takes every point of a path to its
/// end, so that one call makes a sample (`Solver::Direct`), and more calls a better one (`Solver::Renoise`).
///
/// With s the deviation of the data and m the smallest level: `c_skip = s²/((σ − m)² + s²)`,
/// `c_out = s·(σ − m)/√(σ² + s²)`, `c_in = 1/√(σ² + s²)`, so that f(x, m) = x whatever the network answers.
///
/// # Reference
/// Song et al. 2023, "Consistency Models", appendix C; Song & Dhariwal 2023, "Improved Techniques for
/// Training Consistency Models" (iCT), for the loss.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_generate::flow::{Flow, Grid, Samples, Solver};
/// use gradus_models::{Consistency, Denoiser, FlowMlpConfig};
/// use gradus_nn::Ctx;
/// use gradus_tensor::Tensor;
///
/// let net = FlowMlpConfig { width: 8, ..FlowMlpConfig::new(3) }.init(&mut Keys::new(7))?;
/// let model = Consistency::default();
/// let data = Tensor::new([[0.5, -0.5, 0.1]]);
/// let loss = model.loss([&net; 2], &data, None, Key::new(1), &mut Ctx::train(Key::new(2)))?;
///
/// let one_call = Flow { solver: Solver::Direct, grid: Grid::Times(vec![80.0, 0.0]) };
/// let out = one_call.run(&Denoiser::new(&net, model), Samples::new(2, [3]))?.collect_all()?;
/// assert_eq!(out.stats.calls, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Consistency {
    /// Deviation of the data (s).
    pub sigma_data: f64,
    /// The level of noise that counts as none (m).
    pub sigma_min: f64,
    /// The largest level of noise.
    pub sigma_max: f64,
    /// How dense small levels are in training.
    pub rho: f64,
    /// Mean of ln σ in training.
    pub mean: f64,
    /// Deviation of ln σ in training.
    pub std: f64,
    /// How many levels of noise training tells apart. The more, the less bias and the more variance: iCT
    /// doubles them from 10 to 1280 while it trains.
    pub levels: usize,
}

impl Default for Consistency {
    /// Data of deviation 0.5, 20 levels from 0.002 to 80 with ρ = 7, ln σ ~ N(−1.1, 2²) between them: iCT's.
    fn default() -> Self {
        let (sigma_data, sigma_min, sigma_max, rho) = (0.5, 0.002, 80.0, 7.0);
        Self { sigma_data, sigma_min, sigma_max, rho, mean: -1.1, std: 2.0, levels: 20 }
    }
}

impl Consistency {
    /// How far f of the student at a level of noise is from f of the teacher at the level below, with the same
    /// noise.
    ///
    /// The levels lie in the spacing of Karras. A row draws two neighbours, each pair with the probability that
    /// ln σ ~ N(mean, std²) lies between them, and costs √(‖d‖² + c²) − c, divided by the distance of the levels
    /// and by the numbers of a row, with d the difference and c = 0.00054 √(numbers of a row); then the mean over
    /// rows. No gradient reaches the teacher: the student itself, or an average of its weights.
    ///
    /// # Shapes
    /// - `data`: `[B, ...]` of the network's dtype, `classes`: `i64` `[B]` → `[]`
    ///
    /// # Errors
    /// [`crate::Error::InputShape`] if there are no data; [`crate::Error::Config`] if a field is out of range;
    /// as [`TimeConditioned::forward_at`].
    pub fn loss<N: TimeConditioned + ?Sized>(
        &self,
        [student, teacher]: [&N; 2],
        data: &Tensor,
        classes: Option<&Tensor>,
        key: Key,
        ctx: &mut Ctx,
    ) -> Result<Var> {
        let rows = rows_of("Consistency", data)?;
        let (low, high) = self.pairs(rows, key)?;
        let noise = noise_like(data, key)?;
        let noisy = |sigmas: &[f64]| -> Result<Var> {
            let scaled = noise.mul(&per_row(data, sigmas.iter().copied())?)?;
            Ok(data.add(&scaled)?.into())
        };
        let target =
            no_grad(|| self.estimate(teacher, &noisy(&low)?, &low, classes, &mut Ctx::eval()))?;
        let answer = self.estimate(student, &noisy(&high)?, &high, classes, ctx)?;
        let numbers = data.len() / rows;
        let squared = answer.sub(&target.detach())?.reshape([rows, numbers])?.square()?.sum(-1)?;
        let c = 0.00054 * (numbers as f64).sqrt();
        let distance = squared.add_scalar(c * c)?.sqrt()?.sub_scalar(c)?; // (B)
        let weights =
            low.iter().zip(&high).map(|(low, high)| 1.0 / ((high - low) * numbers as f64));
        let weights = Tensor::from(weights.collect::<Vec<_>>()).to_dtype(distance.dtype())?;
        Ok(distance.mul(&weights.into())?.mean(..)?)
    }

    /// Two neighbouring levels for each row.
    fn pairs(&self, rows: usize, key: Key) -> Result<(Vec<f64>, Vec<f64>)> {
        self.check()?;
        let root = |sigma: f64| sigma.powf(1.0 / self.rho);
        let (least, most) = (root(self.sigma_min), root(self.sigma_max));
        let share = |n: usize| n as f64 / (self.levels - 1) as f64;
        let sigma = |n: usize| (least + share(n) * (most - least)).powf(self.rho);
        let sigmas: Vec<f64> = (0..self.levels).map(sigma).collect();
        let mut pairs = (Vec::new(), Vec::new());
        for b in 0..rows {
            let n = self.level(&sigmas, key.fold_in(1 + b as u64).kind(Kind::Noise));
            pairs.0.push(sigmas[n]);
            pairs.1.push(sigmas[n + 1]);
        }
        Ok(pairs)
    }

    /// The interval in which ln σ falls; it is drawn again where it falls outside.
    fn level(&self, sigmas: &[f64], key: Key) -> usize {
        // Settings under which hardly any draw falls inside end with the interval beside the last draw.
        const TRIES: u64 = 1000;
        let draw = |i| (self.mean + self.std * key.normal(i)).exp();
        let inside = |sigma: &f64| (sigmas[0]..sigmas[sigmas.len() - 1]).contains(sigma);
        let sigma = (0..TRIES).map(draw).find(inside).unwrap_or_else(|| draw(TRIES));
        sigmas.partition_point(|&s| s <= sigma).clamp(1, sigmas.len() - 1) - 1
    }

    fn check(&self) -> Result<()> {
        const NAME: &str = "Consistency";
        let Self { sigma_data, sigma_min, sigma_max, rho, mean, std, levels } = *self;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let expected = "above zero and finite";
        require(positive(sigma_data), NAME, "sigma_data", expected, sigma_data)?;
        require(positive(sigma_min), NAME, "sigma_min", expected, sigma_min)?;
        let valid = sigma_max > sigma_min && sigma_max.is_finite();
        require(valid, NAME, "sigma_max", "above sigma_min and finite", sigma_max)?;
        require(positive(rho), NAME, "rho", expected, rho)?;
        require(mean.is_finite(), NAME, "mean", "finite", mean)?;
        require(positive(std), NAME, "std", expected, std)?;
        require(levels >= 2, NAME, "levels", "at least two", levels)
    }

    fn scales(&self, sigma: f64) -> Scales {
        let (data, all) = (self.sigma_data, sigma.hypot(self.sigma_data));
        let above = (sigma - self.sigma_min).max(0.0);
        Scales {
            skip: (data / above.hypot(data)).powi(2),
            out: data * above / all,
            inner: 1.0 / all,
        }
    }
}

impl Process for Consistency {
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
