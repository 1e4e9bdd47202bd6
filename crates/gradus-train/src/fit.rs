//! The state of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use gradus_autograd::Module;
use gradus_nn::Ctx;
use gradus_optim::Optimizer;

use crate::callback::Callback;
use crate::config::{FitConfig, Progress};
use crate::error::{BoxError, Result};
use crate::history::History;
use crate::json_lines::JsonLines;
use crate::kept::Kept;
use crate::measure::{Means, Metric, Score};
use crate::parts::OwnStep;
use crate::progress::ProgressBar;
use crate::report::Picture;
use crate::samples::Samples;
use crate::tensorboard::TensorBoardLog;

pub(crate) type Loss<'a, M, B> = Box<dyn Fn(&M, &B, &mut Ctx) -> Result<Score> + 'a>;

/// A model, a loss and an optimizer: the three steps, and the state of their run.
///
/// It owns all that a run changes. Update n draws its randomness from
/// `config.key.kind(Kind::Dropout).fold_in(n)`, so a run is a pure function of its seeds and data,
/// and one that is [saved](Fit::save) and [resumed](Fit::resume) goes on with the same bits.
///
/// `M` is the model, `B` a batch; the lifetime is that of what the loss borrows.
pub struct Fit<'a, M, B> {
    pub(crate) model: M,
    pub(crate) loss: Loss<'a, M, B>,
    pub(crate) optimizer: Optimizer,
    pub(crate) config: FitConfig,
    pub(crate) state: State,
    pub(crate) kept: Kept,
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(crate) own_step: Option<OwnStep<'a, M, B>>,
    pub(crate) samples: Vec<Samples<'a, M>>,
    /// The latest of them.
    pub(crate) pictures: Vec<Picture>,
    /// The checkpoint that this run has written or read last.
    pub(crate) last_saved: Option<PathBuf>,
    /// What the user says about the run, for the report.
    pub(crate) notes: Vec<[String; 2]>,
}

/// What changes in a run, beside model and optimizer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct State {
    /// Epochs that are done.
    pub(crate) epoch: u64,
    /// Batches of the next epoch that are done, and how many it has; both 0 before it begins.
    pub(crate) batch: usize,
    pub(crate) n_batches: usize,
    /// Updates that are done.
    pub(crate) step: u64,
    /// Steps that were left out, in all and since the last update.
    pub(crate) skipped: u64,
    pub(crate) skipped_in_row: u64,
    /// Of the last update.
    pub(crate) learning_rate: f64,
    pub(crate) grad_norm: f64,
    /// Of the epoch that has begun.
    pub(crate) means: Means,
    /// What the metrics of the last whole epoch were read from: on the validation data, if any.
    pub(crate) evaluated: BTreeMap<String, Metric>,
    pub(crate) seconds: f64,
    pub(crate) history: History,
}

impl<'a, M: Module, B> Fit<'a, M, B> {
    /// Puts the three steps together. Nothing is computed yet.
    ///
    /// The loss takes the model, a batch and a context, and returns `Ok` of a [`Var`] (one
    /// number) or of a [`Score`] (with metrics). In it, `?` takes the errors of every crate of
    /// Gradus, of `anyhow`, and all others. Name the batch's type in the closure.
    ///
    /// [`Var`]: gradus_autograd::Var
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) naming a field that contradicts itself.
    pub fn new<F, R>(model: M, loss: F, optimizer: Optimizer, config: FitConfig) -> Result<Self>
    where
        F: Fn(&M, &B, &mut Ctx) -> Result<R, BoxError> + 'a,
        R: Into<Score>,
    {
        config.validate()?;
        let mut callbacks: Vec<Box<dyn Callback + 'a>> = Vec::new();
        if config.progress == Progress::Bar {
            callbacks.push(Box::new(ProgressBar::default()));
        }
        if let Some(log) = &config.log {
            callbacks.push(Box::new(JsonLines::new(log.clone())));
        }
        if let Some(log) = &config.tensorboard {
            callbacks.push(Box::new(TensorBoardLog::new(log.clone())));
        }
        let loss: Loss<'a, M, B> =
            Box::new(move |model, batch, ctx| Ok(loss(model, batch, ctx)?.into()));
        Ok(Self {
            model,
            loss,
            optimizer,
            config,
            state: State::default(),
            kept: Kept::default(),
            callbacks,
            own_step: None,
            samples: Vec::new(),
            pictures: Vec::new(),
            last_saved: None,
            notes: Vec::new(),
        })
    }

    /// Adds something that looks on.
    pub fn add_callback(&mut self, callback: impl Callback + 'a) {
        self.callbacks.push(Box::new(callback));
    }

    /// Says something about the run that its report shall tell: which data, and their hash.
    ///
    /// # Examples
    /// ```no_run
    /// # fn example(mut fit: gradus_train::Fit<'_, gradus_nn::Linear, u8>, x: gradus_nn::Tensor, y: gradus_nn::Tensor)
    /// # -> gradus_train::Result<()> {
    /// fit.note("data", "digits.csv, first 9,000 rows");
    /// fit.note("data hash", gradus_train::hash_tensors([&x, &y])?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn note(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.notes.push([name.into(), value.into()]);
    }

    /// Lets the run go on for more epochs than were asked for.
    pub fn extend(&mut self, epochs: u64) {
        self.config.epochs = self.config.epochs.saturating_add(epochs);
    }

    /// The model, with the parameters that [`Keep`](crate::Keep) names once a run has returned.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Gives up the run and keeps the model.
    pub fn into_model(self) -> M {
        self.model
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// How the run goes.
    pub fn config(&self) -> &FitConfig {
        &self.config
    }

    /// What has happened.
    pub fn history(&self) -> &History {
        &self.state.history
    }

    /// Steps that were left out because of [`NonFinite::Skip`](crate::NonFinite::Skip).
    pub fn skipped(&self) -> u64 {
        self.state.skipped
    }

    /// Updates that were made.
    pub fn steps(&self) -> u64 {
        self.state.step
    }
}

impl<M, B> fmt::Debug for Fit<'_, M, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fit")
            .field("config", &self.config)
            .field("step", &self.state.step)
            .field("epochs_done", &self.state.epoch)
            .finish_non_exhaustive()
    }
}
