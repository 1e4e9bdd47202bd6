//! How long a run goes, what it keeps, and what it writes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gradus_core::Key;

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
    /// Where and how often the whole state is saved.
    pub checkpoint: Option<Checkpointing>,
    /// What a person sees; [`Progress::Bar`] by default.
    pub progress: Progress,
    /// Where every epoch, and some steps, are written as JSON lines.
    pub log: Option<Log>,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self {
            epochs: 10,
            key: Key::new(0),
            time_limit: None,
            early_stopping: None,
            keep: Keep::Last,
            checkpoint: None,
            progress: Progress::Bar,
            log: None,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointing {
    /// The file; each save replaces the last. It is written when the run ends, too.
    pub path: PathBuf,
    /// Steps between two saves.
    pub every: u64,
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
        if let Some(Checkpointing { path, every }) = &self.checkpoint {
            require_folder("checkpoint.path", path)?;
            require_steps("checkpoint.every", *every)?;
        }
        if let Some(Log { path, every }) = &self.log {
            require_folder("log.path", path)?;
            require_steps("log.every", *every)?;
        }
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
