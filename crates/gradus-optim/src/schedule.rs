//! How the learning rate changes from step to step.

use std::f64::consts::PI;

use crate::Result;
use crate::error::{require, require_size};

/// A factor on the learning rate, as a pure function of the step, which counts from 0.
///
/// The rate of a step is `lr · schedule.factor(step)`. Schedules are plain data: print them,
/// compare them, store them with a run.
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
    /// γ^⌊t / every⌋: a drop every so many steps.
    Step {
        /// Steps between two drops.
        every: u64,
        /// The factor of a drop.
        gamma: f64,
    },
    /// γᵗ: the same drop at every step.
    Exponential {
        /// The factor of a step.
        gamma: f64,
    },
    /// From 1 down to `floor` in `steps` steps as a half cosine; `floor` ever after.
    Cosine {
        /// Steps until the floor.
        steps: u64,
        /// The last factor.
        floor: f64,
    },
    /// (t + 1)/steps in the first `steps` steps, then another schedule from its beginning.
    Warmup {
        /// Steps until 1.
        steps: u64,
        /// What follows.
        then: Box<Self>,
    },
}

impl Schedule {
    /// A half cosine from 1 to 0 in `steps` steps.
    pub const fn cosine(steps: u64) -> Self {
        Self::Cosine { steps, floor: 0.0 }
    }

    /// This schedule after a linear climb of `steps` steps.
    #[must_use]
    pub fn warmup(self, steps: u64) -> Self {
        Self::Warmup { steps, then: Box::new(self) }
    }

    /// The factor at a step.
    pub fn factor(&self, step: u64) -> f64 {
        let t = step as f64;
        match self {
            Self::Constant => 1.0,
            Self::InverseSqrt => 1.0 / (t + 1.0).sqrt(),
            Self::Step { every, gamma } => gamma.powf((step / every.max(&1)) as f64),
            Self::Exponential { gamma } => gamma.powf(t),
            Self::Cosine { steps, floor } if step >= *steps => *floor,
            Self::Cosine { steps, floor } => {
                floor + (1.0 - floor) * (1.0 + (PI * t / *steps as f64).cos()) / 2.0
            }
            Self::Warmup { steps, .. } if step < *steps => (t + 1.0) / *steps as f64,
            Self::Warmup { steps, then } => then.factor(step - steps),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `every` is zero, or a factor is negative or not finite.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Constant | Self::InverseSqrt => Ok(()),
            Self::Step { every, gamma } => {
                require(*every > 0, "Schedule", "every", "above zero", *every as f64)?;
                require_size("Schedule", "gamma", *gamma)
            }
            Self::Exponential { gamma } => require_size("Schedule", "gamma", *gamma),
            Self::Cosine { floor, .. } => require_size("Schedule", "floor", *floor),
            Self::Warmup { then, .. } => then.check(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedules() -> impl Strategy<Value = Schedule> {
        let plain = prop_oneof![
            Just(Schedule::Constant),
            Just(Schedule::InverseSqrt),
            (1..50u64, 0.0..=1.0).prop_map(|(every, gamma)| Schedule::Step { every, gamma }),
            (0.0..=1.0).prop_map(|gamma| Schedule::Exponential { gamma }),
            (0..300u64, 0.0..=1.0).prop_map(|(steps, floor)| Schedule::Cosine { steps, floor }),
        ];
        (plain, 0..100u64).prop_map(|(schedule, steps)| schedule.warmup(steps))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn the_factor_climbs_to_one_and_then_never_rises(schedule in schedules()) {
            let Schedule::Warmup { steps, then } = &schedule else { unreachable!() };
            for t in 0..500 {
                let (now, next) = (schedule.factor(t), schedule.factor(t + 1));
                prop_assert!((0.0..=1.0).contains(&now));
                if t + 1 < *steps {
                    prop_assert!(now < next);
                } else if t >= *steps {
                    prop_assert!(next <= now + 1e-15);
                    prop_assert_eq!(now.to_bits(), then.factor(t - steps).to_bits());
                }
            }
        }
    }

    #[test]
    fn values_are_those_of_the_formulas() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
        close(Schedule::InverseSqrt.factor(3), 0.5);
        let step = Schedule::Step { every: 10, gamma: 0.1 };
        close(step.factor(9), 1.0);
        close(step.factor(10), 0.1);
        close(step.factor(25), 0.01);
        close(Schedule::Exponential { gamma: 0.5 }.factor(3), 0.125);
        let cosine = Schedule::Cosine { steps: 4, floor: 0.2 };
        close(cosine.factor(0), 1.0);
        close(cosine.factor(2), 0.6);
        close(cosine.factor(4), 0.2);
    }

    #[test]
    fn bad_settings_are_refused() {
        assert!(Schedule::Step { every: 0, gamma: 0.1 }.check().is_err());
        assert!(Schedule::Exponential { gamma: f64::NAN }.warmup(3).check().is_err());
    }
}
