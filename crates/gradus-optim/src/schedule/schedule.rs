//! The schedules.

use super::curves::{Anneal, Cycle, share_of_cycle};
use crate::Result;
use crate::error::{require, require_size};

/// A factor on the learning rate, as a pure function of the step, which counts from 0.
///
/// The rate of a step is `lr · schedule.factor(step)`. Schedules are plain data: print them,
/// compare them, store them with a run. What depends on how the run goes is a
/// [`Plateau`](crate::Plateau) instead.
///
/// # Examples
/// ```
/// use gradus_optim::Schedule;
///
/// let schedule = Schedule::cosine(1000).warmup(100);
/// assert_eq!(schedule.factor(0), 0.01); // climbs to 1 in 100 steps
/// assert_eq!(schedule.factor(99), 1.0);
/// assert!((schedule.factor(100 + 500) - 0.5).abs() < 1e-12); // then falls as a half cosine
/// assert_eq!(schedule.factor(5000), 0.0);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Schedule {
    /// 1 at every step.
    #[default]
    Constant,
    /// 1/√(t + 1), for which online gradient descent has its regret bound.
    InverseSqrt,
    /// 1/(1 + decay · t): PyTorch's `lr_decay` of Adagrad.
    InverseTime {
        /// How fast the factor falls.
        decay: f64,
    },
    /// γ^⌊t / every⌋: a drop every so many steps.
    Step {
        /// Steps between two drops.
        every: u64,
        /// The factor of a drop.
        gamma: f64,
    },
    /// γ to the number of milestones that are reached: a drop at each of these steps.
    MultiStep {
        /// The steps of the drops.
        milestones: Vec<u64>,
        /// The factor of a drop.
        gamma: f64,
    },
    /// γᵗ: the same drop at every step.
    Exponential {
        /// The factor of a step.
        gamma: f64,
    },
    /// On a straight line from one factor to another in `steps` steps, then constant.
    Linear {
        /// The first factor.
        from: f64,
        /// The last factor.
        to: f64,
        /// Steps until the last factor.
        steps: u64,
    },
    /// floor + (1 − floor) · (1 − t/steps)^power down to `floor` in `steps` steps; `floor` ever after.
    Polynomial {
        /// Steps until the floor.
        steps: u64,
        /// The exponent; 1 is a straight line.
        power: f64,
        /// The last factor.
        floor: f64,
    },
    /// From 1 down to `floor` in `steps` steps as a half cosine; `floor` ever after.
    Cosine {
        /// Steps until the floor.
        steps: u64,
        /// The last factor.
        floor: f64,
    },
    /// Half cosines from 1 to `floor`, one after the other, each longer than the one before: PyTorch's
    /// `CosineAnnealingWarmRestarts`.
    CosineRestarts {
        /// Steps of the first half cosine.
        period: u64,
        /// How many times longer each is than the one before.
        growth: u64,
        /// The factor before a restart.
        floor: f64,
    },
    /// From 1/`div_factor` up to 1, then down to 1/(`div_factor` · `final_div_factor`), as PyTorch's
    /// `OneCycleLR` with two phases; the learning rate is the largest one.
    OneCycle {
        /// Steps of the whole cycle.
        steps: u64,
        /// Share of them that climb.
        pct_start: f64,
        /// How many times smaller the first rate is than the largest.
        div_factor: f64,
        /// How many times smaller the last rate is than the first.
        final_div_factor: f64,
        /// How the rate goes from one to the next.
        anneal: Anneal,
    },
    /// (t + 1)/steps in the first `steps` steps, then another schedule from its beginning.
    Warmup {
        /// Steps until 1.
        steps: u64,
        /// What follows.
        then: Box<Self>,
    },
    /// Some steps of one schedule, then another from its beginning: PyTorch's `SequentialLR`.
    Sequence {
        /// Steps of the first.
        steps: u64,
        /// The first.
        first: Box<Self>,
        /// What follows.
        then: Box<Self>,
    },
    /// The product of several schedules: PyTorch's `ChainedScheduler`.
    Product(Vec<Self>),
}

impl Schedule {
    /// A half cosine from 1 to 0 in `steps` steps.
    pub const fn cosine(steps: u64) -> Self {
        Self::Cosine { steps, floor: 0.0 }
    }

    /// One cycle of `steps` steps, three tenths of which climb from 1/25 to 1: PyTorch's defaults.
    pub const fn one_cycle(steps: u64) -> Self {
        let (pct_start, div_factor, final_div_factor) = (0.3, 25.0, 1e4);
        Self::OneCycle { steps, pct_start, div_factor, final_div_factor, anneal: Anneal::Cosine }
    }

    /// This schedule after a linear climb of `steps` steps.
    #[must_use]
    pub fn warmup(self, steps: u64) -> Self {
        Self::Warmup { steps, then: Box::new(self) }
    }

    /// `steps` steps of this schedule, then another from its beginning.
    #[must_use]
    pub fn then(self, steps: u64, next: Self) -> Self {
        Self::Sequence { steps, first: Box::new(self), then: Box::new(next) }
    }

    /// The factor at a step.
    pub fn factor(&self, step: u64) -> f64 {
        let t = step as f64;
        match self {
            Self::Constant => 1.0,
            Self::InverseSqrt => 1.0 / (t + 1.0).sqrt(),
            Self::InverseTime { decay } => 1.0 / (1.0 + decay * t),
            Self::Step { every, gamma } => gamma.powf((step / every.max(&1)) as f64),
            Self::MultiStep { milestones, gamma } => {
                gamma.powf(milestones.iter().filter(|&&milestone| milestone <= step).count() as f64)
            }
            Self::Exponential { gamma } => gamma.powf(t),
            Self::Linear { to, steps, .. } if step >= *steps => *to,
            Self::Linear { from, to, steps } => {
                Anneal::Linear.between(*from, *to, t / *steps as f64)
            }
            Self::Polynomial { steps, floor, .. } if step >= *steps => *floor,
            Self::Polynomial { steps, power, floor } => {
                floor + (1.0 - floor) * (1.0 - t / *steps as f64).powf(*power)
            }
            Self::Cosine { steps, floor } if step >= *steps => *floor,
            Self::Cosine { steps, floor } => Anneal::Cosine.between(1.0, *floor, t / *steps as f64),
            Self::CosineRestarts { period, growth, floor } => {
                Anneal::Cosine.between(1.0, *floor, share_of_cycle(step, *period, *growth))
            }
            Self::OneCycle { steps, pct_start, div_factor, final_div_factor, anneal } => {
                let (first, anneal) = (1.0 / div_factor, *anneal);
                let last = first / final_div_factor;
                Cycle { steps: *steps, pct_start: *pct_start, first, last, anneal }.factor(step)
            }
            Self::Warmup { steps, .. } if step < *steps => (t + 1.0) / *steps as f64,
            Self::Warmup { steps, then } => then.factor(step - steps),
            Self::Sequence { steps, first, .. } if step < *steps => first.factor(step),
            Self::Sequence { steps, then, .. } => then.factor(step - steps),
            Self::Product(parts) => parts.iter().map(|part| part.factor(step)).product(),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a period is zero, a factor is negative or not finite, or a
    /// share is not in `0.0..=1.0`.
    pub(crate) fn check(&self) -> Result<()> {
        let size = |field, got| require_size("Schedule", field, got);
        let count = |field, n: u64| require(n > 0, "Schedule", field, "above zero", n as f64);
        match self {
            Self::Constant | Self::InverseSqrt => Ok(()),
            Self::InverseTime { decay } => size("decay", *decay),
            Self::Step { every, gamma } => {
                count("every", *every)?;
                size("gamma", *gamma)
            }
            Self::MultiStep { gamma, .. } | Self::Exponential { gamma } => size("gamma", *gamma),
            Self::Linear { from, to, .. } => {
                size("from", *from)?;
                size("to", *to)
            }
            Self::Polynomial { power, floor, .. } => {
                size("power", *power)?;
                size("floor", *floor)
            }
            Self::Cosine { floor, .. } => size("floor", *floor),
            Self::CosineRestarts { period, growth, floor } => {
                count("period", *period)?;
                count("growth", *growth)?;
                size("floor", *floor)
            }
            Self::OneCycle { steps, pct_start, div_factor, final_div_factor, .. } => {
                count("steps", *steps)?;
                let is_share = (0.0..=1.0).contains(pct_start);
                require(is_share, "Schedule", "pct_start", "in 0.0..=1.0", *pct_start)?;
                let is_above = |x: f64| x.is_finite() && x > 0.0;
                for (field, got) in
                    [("div_factor", *div_factor), ("final_div_factor", *final_div_factor)]
                {
                    require(is_above(got), "Schedule", field, "finite and above zero", got)?;
                }
                Ok(())
            }
            Self::Warmup { then, .. } => then.check(),
            Self::Sequence { first, then, .. } => {
                first.check()?;
                then.check()
            }
            Self::Product(parts) => parts.iter().try_for_each(Self::check),
        }
    }
}
