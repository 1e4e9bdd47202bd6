//! What looks on while a run goes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use gradus_autograd::{Grads, Module};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::history::EpochRecord;
use crate::number;
use crate::report::Picture;

/// One update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Updates made, this one included.
    pub step: u64,
    /// The epoch, counted from one.
    pub epoch: u64,
    /// Batches of this epoch that were used, this one included.
    pub batch: usize,
    /// Batches per epoch.
    pub n_batches: usize,
    /// Epochs that are asked for.
    pub n_epochs: u64,
    /// Loss of this batch, before the update.
    #[serde(with = "number")]
    pub loss: f64,
    /// Mean loss over the epoch so far.
    #[serde(with = "number")]
    pub mean_loss: f64,
    /// Metrics of this batch.
    #[serde(with = "number::map")]
    pub metrics: BTreeMap<String, f64>,
    /// Learning rate of this update.
    #[serde(with = "number")]
    pub learning_rate: f64,
    /// Euclidean norm of the gradient, before any clipping.
    #[serde(with = "number")]
    pub grad_norm: f64,
    /// The same for every parameter by its path, if [`FitConfig::gradients_every`] asks for it.
    ///
    /// [`FitConfig::gradients_every`]: crate::FitConfig::gradients_every
    #[serde(with = "number::map", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gradients: BTreeMap<String, f64>,
}

/// A step that is about to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextStep {
    /// Updates made before it.
    pub step: u64,
    /// The epoch, counted from one.
    pub epoch: u64,
}

/// Looks on while a run goes: the progress bar and the logs are callbacks, and yours can join them
/// with [`Fit::add_callback`](crate::Fit::add_callback).
///
/// A callback is no part of a checkpoint. One that changes the model must do so as a function of
/// the step, as [`Freeze`](crate::Freeze) does, or a run that is resumed is another run.
///
/// # Examples
/// ```
/// use std::ops::ControlFlow;
///
/// use gradus_train::{Callback, EpochRecord, Result};
///
/// /// Stops once the loss is small.
/// struct GoodEnough(f64);
///
/// impl Callback for GoodEnough {
///     fn on_epoch(&mut self, epoch: &EpochRecord) -> Result<ControlFlow<()>> {
///         let done = epoch.deciding()["loss"] < self.0;
///         Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
///     }
/// }
/// ```
pub trait Callback {
    /// Called before every step, with the model as it was left by the last.
    ///
    /// # Errors
    /// An error ends the run, before the step.
    fn before_step(&mut self, next: &NextStep, model: &mut dyn Module) -> Result<()> {
        let _ = (next, model);
        Ok(())
    }

    /// Called with the gradients of a step (counted from zero) before they are used.
    ///
    /// # Errors
    /// An error ends the run; the step is not made.
    fn on_gradients(&mut self, step: u64, model: &dyn Module, grads: &Grads) -> Result<()> {
        let _ = (step, model, grads);
        Ok(())
    }

    /// Called after every update.
    ///
    /// # Errors
    /// An error ends the run, after the update.
    fn on_step(&mut self, step: &StepRecord) -> Result<()> {
        let _ = step;
        Ok(())
    }

    /// Called after every epoch; [`ControlFlow::Break`] ends the run there.
    ///
    /// # Errors
    /// An error ends the run, after the epoch.
    fn on_epoch(&mut self, epoch: &EpochRecord) -> Result<ControlFlow<()>> {
        let _ = epoch;
        Ok(ControlFlow::Continue(()))
    }

    /// Called with the pictures that [`Fit::add_samples`](crate::Fit::add_samples) made after an
    /// epoch, and the number of updates so far.
    ///
    /// # Errors
    /// An error ends the run, after the epoch.
    fn on_pictures(&mut self, step: u64, pictures: &[Picture]) -> Result<()> {
        let _ = (step, pictures);
        Ok(())
    }

    /// Called when the run returns, however it ends.
    fn on_end(&mut self) {}
}

impl<C: Callback + ?Sized> Callback for Box<C> {
    fn before_step(&mut self, next: &NextStep, model: &mut dyn Module) -> Result<()> {
        (**self).before_step(next, model)
    }

    fn on_gradients(&mut self, step: u64, model: &dyn Module, grads: &Grads) -> Result<()> {
        (**self).on_gradients(step, model, grads)
    }

    fn on_pictures(&mut self, step: u64, pictures: &[Picture]) -> Result<()> {
        (**self).on_pictures(step, pictures)
    }

    fn on_step(&mut self, step: &StepRecord) -> Result<()> {
        (**self).on_step(step)
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) -> Result<ControlFlow<()>> {
        (**self).on_epoch(epoch)
    }

    fn on_end(&mut self) {
        (**self).on_end();
    }
}
