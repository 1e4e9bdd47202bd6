//! One event file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::crc32c::masked_crc32c;
use super::message::{self, Message};
use crate::error::{Error, Result};
use crate::report::Picture;

/// A TensorBoard event file, for a loop of your own; [`FitConfig::tensorboard`] writes one by itself.
///
/// [`FitConfig::tensorboard`]: crate::FitConfig::tensorboard
///
/// # Examples
/// ```
/// use gradus_train::EventFile;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("runs/1");
/// let mut events = EventFile::create(&folder)?;
/// for step in 1..=3 {
///     events.scalars(step, [("loss", 1.0 / step as f64)])?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// Makes the folder, if need be, and a new file in it.
    ///
    /// # Errors
    /// [`Error::File`] naming the file or the folder.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let fault = |path: &Path, source| Error::File { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|e| fault(folder, e))?;
        let (path, file) = fresh(folder).map_err(|(path, e)| fault(&path, e))?;
        let mut events = Self { path, file };
        events.write(message::version(now()))?;
        Ok(events)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes numbers by their tags, which TensorBoard keeps as f32. A slash in a tag makes a group.
    ///
    /// # Errors
    /// [`Error::File`] naming the file.
    pub fn scalars<'a>(
        &mut self,
        step: u64,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<()> {
        self.write(message::scalars(now(), step, values))
    }

    /// Writes a picture.
    ///
    /// # Errors
    /// [`Error::File`] naming the file.
    pub fn picture(&mut self, step: u64, tag: &str, picture: &Picture) -> Result<()> {
        self.write(message::image(now(), step, tag, picture))
    }

    /// Tells TensorBoard to forget what other files of the folder hold for this step and later.
    ///
    /// # Errors
    /// [`Error::File`] naming the file.
    pub fn restart(&mut self, step: u64) -> Result<()> {
        self.write(message::restart(now(), step))
    }

    /// Writes a record: length, its checksum, the event, its checksum. It is one write, so that a
    /// reader that follows the file sees whole events.
    fn write(&mut self, event: Message) -> Result<()> {
        let event = event.into_bytes();
        let length = (event.len() as u64).to_le_bytes();
        let sums = [masked_crc32c(&length), masked_crc32c(&event)].map(u32::to_le_bytes);
        let record = [&length, &sums[0][..], &event, &sums[1]].concat();
        let path = &self.path;
        self.file.write_all(&record).map_err(|source| Error::File { path: path.clone(), source })
    }
}

/// A file with a name that TensorBoard looks for. It reads the files of a folder in the order of
/// their names, so a later file has a later name.
fn fresh(folder: &Path) -> Result<(PathBuf, File), (PathBuf, io::Error)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let micros = (now() * 1e6) as u64;
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let id = process::id();
        let name = format!("events.out.tfevents.{seconds:010}.{micros:06}.gradus.{id}.{count}");
        let path = folder.join(name);
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err((path, e)),
        }
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
