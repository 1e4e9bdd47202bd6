//! What looks on while a run goes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::history::EpochRecord;
use crate::number;

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
}

/// Looks on while a run goes: the progress bar and the log are callbacks, and yours can join them
/// with [`Fit::add_callback`](crate::Fit::add_callback).
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

    /// Called when the run returns, however it ends.
    fn on_end(&mut self) {}
}

impl<C: Callback + ?Sized> Callback for Box<C> {
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
