//! The checkpoints before the last.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gradus_autograd::Module;

use crate::config::Checkpointing;
use crate::error::{Error, Result};
use crate::fit::Fit;

/// Which checkpoint a run goes on from.
#[derive(Debug)]
pub struct Resumed {
    /// The file.
    pub path: PathBuf,
    /// What was wrong with those after it, latest first; empty if it is the last.
    pub refused: Vec<Error>,
}

impl<M: Module, B> Fit<'_, M, B> {
    /// Resumes from the last checkpoint under a name that is whole: from `path`, or else from the
    /// ones before it, `path.1`, `path.2` and so on, which [`Checkpointing::previous`] keeps.
    /// `None`, and nothing is changed, if there is none of these files: the run is a new one.
    ///
    /// Files that writes left behind when they were killed are removed.
    ///
    /// # Errors
    /// That of the last checkpoint, as [`Fit::resume`] gives it, if none can be resumed.
    ///
    /// # Examples
    /// A program that can be killed at any moment, and started again:
    /// ```
    /// # use gradus_core::Keys;
    /// # use gradus_nn::loss::{Reduction, mse};
    /// # use gradus_nn::{Ctx, Layer, Linear, Tensor};
    /// # use gradus_optim::Sgd;
    /// use gradus_train::{Checkpointing, Fit, FitConfig};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("run");
    /// # let model = Linear::new(1, 1, &mut Keys::new(7))?;
    /// # let optimizer = Sgd::default().init()?;
    /// # let loss = |model: &Linear, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
    /// #     Ok(mse(&model.forward(&x.into(), ctx)?, &y.into(), Reduction::Mean)?)
    /// # };
    /// # let data = [[Tensor::new([[1.0]]), Tensor::new([[2.0]])]];
    /// let checkpoint = Some(Checkpointing { every: 100, previous: 1, ..Checkpointing::new(&path) });
    /// let config = FitConfig { checkpoint, ..FitConfig::default() };
    /// let mut fit = Fit::new(model, loss, optimizer, config)?;
    /// if let Some(resumed) = fit.resume_last(&path)? {
    ///     println!("going on from {}", resumed.path.display());
    /// }
    /// fit.run(&data)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume_last(&mut self, path: impl AsRef<Path>) -> Result<Option<Resumed>> {
        let path = path.as_ref();
        let earlier =
            numbered(path).map_err(|e| Error::File { path: path.to_owned(), source: e })?;
        let best =
            self.config.checkpoint.as_ref().and_then(|checkpoint| checkpoint.best.as_deref());
        for path in [Some(path), best].into_iter().flatten().filter(|path| folder(path).is_dir()) {
            gradus_io::remove_abandoned(path)?;
        }
        let last =
            path.try_exists().map_err(|e| Error::File { path: path.to_owned(), source: e })?;
        let candidates = last.then(|| path.to_owned()).into_iter().chain(earlier);
        let mut refused = Vec::new();
        for path in candidates {
            match self.resume(&path) {
                Ok(()) => return Ok(Some(Resumed { path, refused })),
                Err(error) => refused.push(error),
            }
        }
        refused.into_iter().next().map_or(Ok(None), Err)
    }
}

impl Checkpointing {
    /// Has `write` replace the last checkpoint, and keeps the one that is there.
    ///
    /// At every moment there is a whole checkpoint under `path`, and if writing fails all files are
    /// as they were.
    pub(crate) fn replace(&self, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let fault = |source| Error::File { path: self.path.clone(), source };
        if self.previous == 0 || !self.path.try_exists().map_err(fault)? {
            return write(&self.path);
        }
        let aside = with_suffix(&hidden(&self.path), "last");
        remove(&aside).map_err(fault)?;
        // A second name costs nothing; not every file system has them.
        fs::hard_link(&self.path, &aside)
            .or_else(|_| fs::copy(&self.path, &aside).map(drop))
            .map_err(fault)?;
        if let Err(error) = write(&self.path) {
            let _what_matters_is_the_first_error = remove(&aside);
            return Err(error);
        }
        for n in (1..self.previous).rev() {
            rename(&with_suffix(&self.path, n), &with_suffix(&self.path, n + 1)).map_err(fault)?;
        }
        rename(&aside, &with_suffix(&self.path, 1)).map_err(fault)
    }
}

/// `run.1` of `run`, and so on: the files that exist, the latest first.
fn numbered(path: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = folder(path);
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name();
        let number = file.to_str().and_then(|file| file.strip_prefix(name)?.strip_prefix('.'));
        if let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) {
            found.push(number);
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|number| with_suffix(path, number)).collect())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn with_suffix(path: &Path, suffix: impl ToString) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix.to_string());
    name.into()
}

fn hidden(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    path.with_file_name(name)
}

fn remove(path: &Path) -> io::Result<()> {
    absent_is_fine(fs::remove_file(path))
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    absent_is_fine(fs::rename(from, to))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
}
