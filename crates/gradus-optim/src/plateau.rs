//! A rate that falls when progress ends.

use gradus_tensor::Tensor;

use crate::error::{require, require_size};
use crate::{Error, Result};

/// Which values of what is watched are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlateauMode {
    /// Small ones, as of a loss.
    #[default]
    Min,
    /// Large ones, as of an accuracy.
    Max,
}

/// How much better a value must be than the best to count as progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// By this share of the best.
    Relative(f64),
    /// By this much.
    Absolute(f64),
}

/// Settings of a rate that falls when what is watched gets no better, as PyTorch's
/// `ReduceLROnPlateau`.
///
/// The rate is multiplied by `factor` after more than `patience` values in a row without progress;
/// then `cooldown` values are not counted. Its state is part of the optimizer's.
///
/// # Examples
/// ```
/// use gradus_optim::{Plateau, Sgd};
/// let plateau = Plateau { patience: 1, factor: 0.5, ..Plateau::default() };
/// let mut optimizer = Sgd { lr: 0.1, ..Sgd::default() }.init()?.plateau(plateau)?;
/// for valid_loss in [1.0, 0.9, 0.95, 0.92] {
///     optimizer.observe(valid_loss);
/// }
/// assert_eq!(optimizer.learning_rate(), 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plateau {
    /// Which values are better.
    pub mode: PlateauMode,
    /// What the rate is multiplied by, in `0.0..1.0`.
    pub factor: f64,
    /// How many values without progress are allowed.
    pub patience: u64,
    /// What counts as progress.
    pub threshold: Threshold,
    /// How many values are not counted after the rate fell.
    pub cooldown: u64,
    /// Smallest rate, apart from the schedule's factor.
    pub min_lr: f64,
    /// A smaller change of the rate is not made.
    pub eps: f64,
}

/// PyTorch's: a tenth of the rate after more than 10 values of a loss without progress by 10⁻⁴ of the
/// best.
impl Default for Plateau {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: Threshold::Relative(1e-4),
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
        }
    }
}

/// The settings, and what has been seen.
#[derive(Debug)]
pub(crate) struct Watch {
    plateau: Plateau,
    /// Factor on the rate.
    pub(crate) scale: f64,
    best: f64,
    bad: f64,
    cooldown: f64,
}

impl Watch {
    pub(crate) fn new(plateau: Plateau) -> Result<Self> {
        let Plateau { factor, min_lr, eps, threshold, .. } = plateau;
        require((0.0..1.0).contains(&factor), "Plateau", "factor", "in 0.0..1.0", factor)?;
        require_size("Plateau", "min_lr", min_lr)?;
        require_size("Plateau", "eps", eps)?;
        let (Threshold::Relative(size) | Threshold::Absolute(size)) = threshold;
        require_size("Plateau", "threshold", size)?;
        let best = match plateau.mode {
            PlateauMode::Min => f64::INFINITY,
            PlateauMode::Max => f64::NEG_INFINITY,
        };
        Ok(Self { plateau, scale: 1.0, best, bad: 0.0, cooldown: 0.0 })
    }

    /// Takes the next value into account, where `lr` is the rate without the schedule's factor.
    pub(crate) fn observe(&mut self, value: f64, lr: f64) {
        if self.is_better(value) {
            self.best = value;
            self.bad = 0.0;
        } else {
            self.bad += 1.0;
        }
        if self.cooldown > 0.0 {
            self.cooldown -= 1.0;
            self.bad = 0.0;
        }
        if self.bad > self.plateau.patience as f64 {
            let (old, floor) = (lr * self.scale, self.plateau.min_lr);
            let new = (old * self.plateau.factor).max(floor);
            if old - new > self.plateau.eps {
                self.scale =
                    if new == floor { floor / lr } else { self.scale * self.plateau.factor };
            }
            self.cooldown = self.plateau.cooldown as f64;
            self.bad = 0.0;
        }
    }

    fn is_better(&self, value: f64) -> bool {
        match (self.plateau.mode, self.plateau.threshold) {
            (PlateauMode::Min, Threshold::Relative(size)) => value < self.best * (1.0 - size),
            (PlateauMode::Min, Threshold::Absolute(size)) => value < self.best - size,
            (PlateauMode::Max, Threshold::Relative(size)) => value > self.best * (1.0 + size),
            (PlateauMode::Max, Threshold::Absolute(size)) => value > self.best + size,
        }
    }

    pub(crate) fn save(&self) -> Tensor {
        Tensor::from([self.scale, self.best, self.bad, self.cooldown])
    }

    /// What [`save`](Self::save) gave, as the four numbers.
    pub(crate) fn read(saved: &Tensor) -> Result<[f64; 4]> {
        let numbers = saved.to_vec::<f64>().ok().and_then(|numbers| numbers.try_into().ok());
        numbers.ok_or_else(|| Error::InvalidState {
            name: "plateau".to_owned(),
            expected: "four numbers of f64",
        })
    }

    pub(crate) const fn load(&mut self, [scale, best, bad, cooldown]: [f64; 4]) {
        (self.scale, self.best, self.bad, self.cooldown) = (scale, best, bad, cooldown);
    }
}
