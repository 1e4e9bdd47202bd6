//! Which learning rates a model can learn with.

use gradus_autograd::{Module, Var};

use crate::error::require;
use crate::{Error, Optimizer, Result, Schedule};

/// Settings of a test of learning rates: a short run whose rate grows from step to step.
///
/// # Reference
/// Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
///
/// # Examples
/// ```
/// use gradus_autograd::{Param, Var};
/// use gradus_optim::{LrFinder, Optimizer, Schedule, Sgd};
/// use gradus_tensor::Tensor;
///
/// let mut model = vec![Param::new(Tensor::from([3.0f32, -2.0]))];
/// let curve = LrFinder { start: 1e-4, ..LrFinder::default() }.run(
///     &mut model,
///     |lr, schedule| Sgd { lr, schedule, ..Sgd::default() }.init(),
///     |model: &Vec<Param>, _step| -> gradus_optim::Result<Var> {
///         Ok(model[0].var().square()?.sum(..)?)
///     },
/// )?;
/// // On w², gradient descent is stable up to a rate of 1; the steepest descent is below.
/// let rate = curve.steepest().unwrap_or_default();
/// assert!(rate > 1e-3 && rate < 1.0);
/// // The model is as it was.
/// assert_eq!(model[0].value().to_vec::<f32>()?, [3.0, -2.0]);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LrFinder {
    /// The first rate.
    pub start: f64,
    /// The last rate.
    pub end: f64,
    /// Steps from one to the other, each by the same factor.
    pub steps: u64,
    /// Decay of the running mean of the losses, whose bias is corrected.
    pub smoothing: f64,
    /// The run ends when the smoothed loss is this many times its smallest value.
    pub stop_factor: f64,
}

/// From 10⁻⁷ to 10 in 100 steps; the loss is smoothed by 0.9, and four times the smallest ends the run.
impl Default for LrFinder {
    fn default() -> Self {
        Self { start: 1e-7, end: 10.0, steps: 100, smoothing: 0.9, stop_factor: 4.0 }
    }
}

/// The losses at growing rates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LrCurve {
    /// The rate of each step.
    pub rates: Vec<f64>,
    /// The loss before it, as it was.
    pub losses: Vec<f64>,
    /// The running mean of the losses.
    pub smoothed: Vec<f64>,
}

impl LrFinder {
    /// Trains for a while, and puts parameters and buffers back.
    ///
    /// `optimizer` makes an optimizer with a rate and a schedule; `loss` computes the loss of a step
    /// that counts from 0, on the next batch if there are several.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a setting is outside its range; those of `optimizer` and `loss`. A
    /// loss or a gradient that is not finite ends the run and is no error.
    pub fn run<M, E>(
        &self,
        model: &mut M,
        optimizer: impl FnOnce(f64, Schedule) -> Result<Optimizer>,
        loss: impl FnMut(&M, u64) -> Result<Var, E>,
    ) -> Result<LrCurve, E>
    where
        M: Module + ?Sized,
        E: From<Error>,
    {
        self.check()?;
        let gamma = (self.end / self.start).powf(1.0 / (self.steps - 1) as f64);
        let optimizer = optimizer(self.start, Schedule::Exponential { gamma })?;
        let before = model.state_dict();
        let curve = self.climb(model, optimizer, loss);
        model.load_state_dict(&before).map_err(Error::from)?;
        curve
    }

    fn check(&self) -> Result<()> {
        let Self { start, end, steps, smoothing, stop_factor } = *self;
        let name = "LrFinder";
        require(start.is_finite() && start > 0.0, name, "start", "finite and above zero", start)?;
        require(end.is_finite() && end > start, name, "end", "finite and above start", end)?;
        require(steps > 1, name, "steps", "above one", steps as f64)?;
        let is_share = (0.0..1.0).contains(&smoothing);
        require(is_share, name, "smoothing", "in 0.0..1.0", smoothing)?;
        require(stop_factor > 1.0, name, "stop_factor", "above one", stop_factor)
    }

    fn climb<M, E>(
        &self,
        model: &mut M,
        mut optimizer: Optimizer,
        mut loss: impl FnMut(&M, u64) -> Result<Var, E>,
    ) -> Result<LrCurve, E>
    where
        M: Module + ?Sized,
        E: From<Error>,
    {
        let (mut curve, mut mean, mut smallest) = (LrCurve::default(), 0.0, f64::INFINITY);
        for step in 0..self.steps {
            let loss = loss(model, step)?;
            let value = loss.item().map_err(Error::from)?;
            mean = self.smoothing * mean + (1.0 - self.smoothing) * value;
            let smoothed = mean / (1.0 - self.smoothing.powf((step + 1) as f64));
            if !value.is_finite() || (step > 0 && smoothed > self.stop_factor * smallest) {
                break;
            }
            smallest = smallest.min(smoothed);
            curve.rates.push(optimizer.learning_rate());
            curve.losses.push(value);
            curve.smoothed.push(smoothed);
            match optimizer.step(model, &loss.backward().map_err(Error::from)?) {
                Err(Error::NonFiniteGradient { .. }) => break,
                result => result?,
            };
        }
        Ok(curve)
    }
}

impl LrCurve {
    /// The rate at which the smoothed loss falls fastest per factor of the rate: a good first choice.
    /// Nothing if it never falls.
    pub fn steepest(&self) -> Option<f64> {
        let falls = self.smoothed.windows(2).map(|pair| pair[1] - pair[0]);
        let falls = falls.zip(&self.rates).filter(|(fall, _)| *fall < 0.0);
        falls.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, rate)| *rate)
    }

    /// A tenth of the rate at which the smoothed loss is smallest: the careful choice.
    pub fn careful(&self) -> Option<f64> {
        let points = self.smoothed.iter().zip(&self.rates);
        points.min_by(|a, b| a.0.total_cmp(b.0)).map(|(_, rate)| rate / 10.0)
    }
}
