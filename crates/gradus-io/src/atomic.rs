//! Files that are there whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Result;
use crate::error::Place;

/// Writes a file so that a reader, or a machine that loses power, sees the old content or the new
/// content and nothing between.
///
/// `write` fills a temporary file in the same folder. It is flushed to the disk, renamed to
/// `path`, and the folder is flushed. If anything fails, the temporary file is removed and `path`
/// is as it was. A symbolic link at `path` is replaced, not followed, and the new file has the
/// permissions of any new file.
///
/// # Errors
/// [`crate::Error::Write`] with what `write` returned or the file system reported.
///
/// # Examples
/// ```
/// use std::io::Write;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("notes.txt");
/// gradus_io::write_atomic(&path, |file| writeln!(file, "epoch 3"))?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "epoch 3\n");
/// # Ok::<(), gradus_io::Error>(())
/// ```
pub fn write_atomic(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    try_write(path, write).map_err(|source| Place::file(path).write(source))
}

/// Removes what writes to `path` that were killed left behind, and returns how many files that were.
///
/// A write that is still under way, in this process or another, is not touched: it holds a lock on
/// its temporary file, which the system releases when the process dies. Where files cannot be
/// locked, nothing is removed.
///
/// # Errors
/// [`crate::Error::Read`] if the folder cannot be listed.
///
/// # Examples
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("run");
/// std::fs::write(folder.path().join(".run.4711-0.tmp"), "half of a ru").unwrap();
/// assert_eq!(gradus_io::remove_abandoned(&path)?, 1);
/// # Ok::<(), gradus_io::Error>(())
/// ```
pub fn remove_abandoned(path: impl AsRef<Path>) -> Result<usize> {
    let path = path.as_ref();
    let Some(name) = path.file_name() else { return Ok(0) };
    let list = || fs::read_dir(folder(path))?.collect::<io::Result<Vec<_>>>();
    let entries = list().map_err(|source| Place::file(folder(path)).read(source))?;
    let is_ours = |entry: &&fs::DirEntry| is_temporary_of(&entry.file_name(), name);
    Ok(entries.iter().filter(is_ours).filter(|entry| remove_unlocked(&entry.path())).count())
}

/// Whether a file has a name that [`create_beside`] gives for `name`.
fn is_temporary_of(file: &OsStr, name: &OsStr) -> bool {
    let (file, name) = (file.to_string_lossy(), name.to_string_lossy());
    let id = file.strip_prefix('.').and_then(|rest| rest.strip_prefix(&*name));
    let id = id.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".tmp"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    id.and_then(|id| id.split_once('-')).is_some_and(|(a, b)| is_number(a) && is_number(b))
}

fn remove_unlocked(path: &Path) -> bool {
    let Ok(file) = OpenOptions::new().write(true).open(path) else { return false };
    file.try_lock().is_ok() && fs::remove_file(path).is_ok()
}

fn try_write(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let (file, temporary) = create_beside(path)?;
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    // The file stays open, and so locked, until it has its name.
    temporary.rename(path)?;
    drop(writer);
    sync_folder(folder(path))
}

/// Creates a file with a fresh name in the folder of `path`, locked where that is possible.
fn create_beside(path: &Path) -> io::Result<(File, Temporary)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
    let name = path.file_name().ok_or_else(no_name)?;
    loop {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        hidden.push(format!(".{}-{count}.tmp", process::id()));
        let temporary = path.with_file_name(hidden);
        let file = match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => file,
            // Left by a killed process that had the same id.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(e),
        };
        // Between the two lines above, another process may have taken the file for abandoned. It
        // removes it while it holds the lock, so whoever has the lock now knows.
        let _unlocked = file.lock();
        if temporary.exists() {
            return Ok((file, Temporary { path: Some(temporary) }));
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename durable, where folders can be flushed.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A temporary file that is removed unless it is renamed.
struct Temporary {
    path: Option<PathBuf>,
}

impl Temporary {
    fn rename(mut self, to: &Path) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        fs::rename(path, to)?;
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // The error that led here is the one to report.
            let _unused = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_content_and_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        write_atomic(&path, |f| f.write_all(b"old")).unwrap();
        let error = write_atomic(&path, |f| {
            f.write_all(b"new, but incomplete")?;
            Err(io::Error::other("disk full"))
        })
        .unwrap_err();
        assert_eq!(error.to_string(), format!("cannot write {}", path.display()));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["model"]);
    }

    #[test]
    fn a_panic_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        let caught = std::panic::catch_unwind(|| write_atomic(&path, |_| panic!("stop")));
        assert!(caught.is_err());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_second_write_replaces_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        for content in ["first, and longer", "second"] {
            write_atomic(&path, |f| f.write_all(content.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(names(folder.path()), ["model"]);
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("no").join("model");
        assert!(write_atomic(&absent, |_| Ok(())).unwrap_err().to_string().contains("model"));
        assert!(write_atomic("..", |_| Ok(())).is_err());
        // A folder in the way is kept.
        assert!(write_atomic(folder.path(), |_| Ok(())).is_err());
        assert!(folder.path().is_dir());
    }

    #[test]
    fn only_what_nobody_writes_any_more_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let others =
            ["run", ".run.tmp", ".run.1-x.tmp", ".run.1-2", ".other.1-2.tmp", "run.1-2.tmp"];
        for name in others.into_iter().chain([".run.1-2.tmp", ".run.34-0.tmp"]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        write_atomic(&path, |f| {
            // This very write is under way.
            assert_eq!(remove_abandoned(&path).unwrap(), 2);
            f.write_all(b"whole")
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        let mut left = names(folder.path());
        left.sort();
        let mut expected = others.to_vec();
        expected.sort_unstable();
        assert_eq!(left, expected);
        assert_eq!(
            remove_abandoned("no/such/folder/run").unwrap_err().to_string(),
            "cannot read no/such/folder"
        );
    }
}
