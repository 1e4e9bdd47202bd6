//! How long a run goes, what it keeps, and what it writes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gradus_core::Key;
use gradus_nn::Averaging;

use crate::error::{Error, Result};
use crate::stopping::EarlyStopping;

/// How a run goes. Everything has a default; say what differs.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_train::{EarlyStopping, FitConfig, Keep, Progress};
/// let config = FitConfig {
///     epochs: 100,
///     key: Key::new(7),
///     early_stopping: Some(EarlyStopping { patience: 10, ..EarlyStopping::default() }),
///     keep: Keep::Best,
///     progress: Progress::Silent,
///     ..FitConfig::default()
/// };
/// assert_eq!(config.time_limit, None);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FitConfig {
    /// How often the training data are gone through; 10 by default.
    pub epochs: u64,
    /// Where the randomness of the model comes from, such as dropout; seed 0 by default. The order
    /// of the data has its key in the loader.
    pub key: Key,
    /// How long one call may take. It ends after the step that exceeds this, also in the middle of
    /// an epoch; the next call goes on there.
    pub time_limit: Option<Duration>,
    /// When to stop because nothing gets better; off by default.
    pub early_stopping: Option<EarlyStopping>,
    /// Which parameters the model has at the end; [`Keep::Last`] by default.
    pub keep: Keep,
    /// Averages of the parameters over the updates, moving or plain, which often do better than the
    /// last ones; off by default.
    ///
    /// Training goes on with the parameters themselves; validation, the best epoch and the model
    /// after the run have the averages, and copies of the buffers. A run that is resumed from a
    /// checkpoint without averages begins them there.
    pub averaging: Option<Averaging>,
    /// What becomes of a loss or gradient that is not finite; [`NonFinite::Stop`] by default.
    pub non_finite: NonFinite,
    /// Where and how often the whole state is saved.
    pub checkpoint: Option<Checkpointing>,
    /// What a person sees; [`Progress::Bar`] by default.
    pub progress: Progress,
    /// Where every epoch, and some steps, are written as JSON lines.
    pub log: Option<Log>,
    /// Where the same is written for TensorBoard.
    pub tensorboard: Option<TensorBoard>,
    /// Steps between two looks at the gradient norm of every single parameter; off by default. The
    /// logs and the report show them.
    pub gradients_every: Option<u64>,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self {
            epochs: 10,
            key: Key::new(0),
            time_limit: None,
            early_stopping: None,
            keep: Keep::Last,
            averaging: None,
            non_finite: NonFinite::Stop,
            checkpoint: None,
            progress: Progress::Bar,
            log: None,
            tensorboard: None,
            gradients_every: None,
        }
    }
}

/// Which parameters the model has when a run returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Those after the last update.
    #[default]
    Last,
    /// Those after the best epoch: by the metric of early stopping, or by the loss. Training goes
    /// on from the last ones all the same, if it goes on.
    Best,
}

/// Where and how often the whole state of a run is saved.
///
/// # Examples
/// ```
/// use gradus_train::Checkpointing;
/// let often = Checkpointing { every: 50, previous: 2, ..Checkpointing::new("run.safetensors") };
/// assert_eq!(often.best, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointing {
    /// The file; each save replaces the last. It is written when the run ends, too.
    pub path: PathBuf,
    /// Steps between two saves; 1000 by default.
    pub every: u64,
    /// How many checkpoints before the last are kept, as `path.1` (the latest), `path.2` and so on;
    /// none by default. [`Fit::resume_last`](crate::Fit::resume_last) falls back on them.
    pub previous: u64,
    /// A file for the state after the best epoch, written whenever there is a new best; none by
    /// default.
    pub best: Option<PathBuf>,
}

impl Checkpointing {
    /// A checkpoint every thousand steps, and none before it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), every: 1000, previous: 0, best: None }
    }
}

/// What becomes of a step whose loss or gradient is NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NonFinite {
    /// The run stops with an error that names the step, the place in the model and the last
    /// checkpoint. The model is as before the step.
    #[default]
    Stop,
    /// The batch is left out: model, optimizer and means are as if it had not been there. The
    /// report tells how many there were.
    Skip {
        /// How many in a row are left out before the run stops all the same.
        at_most: u64,
    },
}

/// Where and how often a run is logged as JSON lines.
///
/// A line is an object with `"kind": "step"` or `"kind": "epoch"` and the fields of a
/// [`StepRecord`](crate::StepRecord) or an [`EpochRecord`](crate::EpochRecord). A new run replaces
/// the file; one that is resumed keeps the lines up to where it goes on.
///
/// # Examples
/// ```
/// use gradus_train::{FitConfig, Log};
/// let config = FitConfig { log: Some("run.jsonl".into()), ..FitConfig::default() };
/// assert_eq!(config.log, Some(Log { every: 100, ..Log::new("run.jsonl") }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The file.
    pub path: PathBuf,
    /// Steps between two lines of a step.
    pub every: u64,
}

impl Log {
    /// A line for every epoch and every hundredth step.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), every: 100 }
    }
}

/// Where and how often a run is logged as a TensorBoard event file.
///
/// The folder is made if it is not there, and gets a new file for each call of a run; one that
/// goes on from a checkpoint tells TensorBoard to forget what was written after it. There are
/// scalars `step/…`, `train/…`, `valid/…`, `gradient/<parameter>` if
/// [`FitConfig::gradients_every`] asks for them, and the pictures of
/// [`Fit::add_samples`](crate::Fit::add_samples).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorBoard {
    /// The folder.
    pub folder: PathBuf,
    /// Steps between two steps that are written.
    pub every: u64,
}

impl TensorBoard {
    /// Every epoch and every tenth step.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), every: 10 }
    }
}

impl<P: Into<PathBuf>> From<P> for Log {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

/// What a person sees of a run. It is written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// A line per epoch, and below them a bar that shows loss, rate and time left. The bar is left
    /// out when standard error is not a terminal.
    #[default]
    Bar,
    /// Nothing.
    Silent,
}

impl FitConfig {
    /// Checks every field, before the first batch is spent.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.time_limit.is_some_and(|limit| limit.is_zero()) {
            return fault("time_limit", "more than zero", "0 s");
        }
        if let Some(stopping) = &self.early_stopping {
            stopping.validate()?;
        }
        if let Some(Averaging::Exponential { decay }) = self.averaging
            && !(0.0..1.0).contains(&decay)
        {
            return fault("averaging.decay", "0.0..1.0", decay.to_string());
        }
        if self.non_finite == (NonFinite::Skip { at_most: 0 }) {
            return fault("non_finite.at_most", "1 step or more", "0");
        }
        if let Some(Checkpointing { path, every, best, .. }) = &self.checkpoint {
            require_folder("checkpoint.path", path)?;
            best.iter().try_for_each(|best| require_folder("checkpoint.best", best))?;
            require_steps("checkpoint.every", *every)?;
        }
        if let Some(Log { path, every }) = &self.log {
            require_folder("log.path", path)?;
            require_steps("log.every", *every)?;
        }
        if let Some(TensorBoard { every, .. }) = &self.tensorboard {
            require_steps("tensorboard.every", *every)?;
        }
        self.gradients_every.map_or(Ok(()), |every| require_steps("gradients_every", every))?;
        Ok(())
    }
}

/// The error for one field.
pub(crate) fn fault<T>(
    field: &'static str,
    expected: &'static str,
    got: impl Into<String>,
) -> Result<T> {
    Err(Error::Config { field, expected, got: got.into() })
}

fn require_steps(field: &'static str, every: u64) -> Result<()> {
    if every == 0 { fault(field, "1 step or more", "0") } else { Ok(()) }
}

fn require_folder(field: &'static str, path: &Path) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() && !path.is_dir() && path.file_name().is_some() {
        return Ok(());
    }
    fault(field, "a file in a folder that exists", path.display().to_string())
}
