//! The file: appended to, flushed, and read again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::header::Header;
use super::line;
use crate::error::{Error, Result};
use crate::record::Record;

/// A header and the finished trials, a line each, in the order in which they ended.
///
/// A line is on the disk before the study goes on. A process that dies while it writes leaves half
/// a line at the end, which the next one takes away; half a line elsewhere is damage.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    len: u64,
}

impl Journal {
    /// Opens the journal of a study, or begins one, and reads what it holds.
    pub(crate) fn open(path: &Path, header: &Header) -> Result<(Self, Vec<Record>)> {
        let fault = |source| Error::File { path: path.to_owned(), source };
        gradus_io::remove_abandoned(path)?;
        if !path.try_exists().map_err(fault)? {
            let first = line::write(header).map_err(|e| fault(e.into()))?;
            // Beside, and renamed: a journal without a whole header never exists.
            gradus_io::write_atomic(path, |file| file.write_all(first.as_bytes()))?;
        }
        let open = || OpenOptions::new().read(true).append(true).open(path);
        let mut file = open().map_err(fault)?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fault)?;
        let (records, whole) = read(path, header, &bytes)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(fault)?;
            file.seek(SeekFrom::End(0)).map_err(fault)?;
        }
        Ok((Self { path: path.to_owned(), file, len: whole as u64 }, records))
    }

    /// Writes a finished trial and waits until it is on the disk.
    pub(crate) fn append(&mut self, record: &Record) -> Result<()> {
        let written = line::write(record).map_err(io::Error::from).and_then(|line| {
            self.file.write_all(line.as_bytes())?;
            self.file.sync_data()?;
            Ok(line.len() as u64)
        });
        match &written {
            Ok(len) => self.len += len,
            // A full disk may have taken half of it, which must not stand before the next line.
            Err(_) => drop(self.file.set_len(self.len)),
        }
        written.map(drop).map_err(|source| Error::File { path: self.path.clone(), source })
    }
}

/// Waits for the lock for a moment: a process that was killed holds it until its end.
fn lock(file: &File, path: &Path) -> Result<()> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            // A file system without locks is no reason not to search.
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => return Ok(()),
            Err(TryLockError::Error(source)) => {
                return Err(Error::File { path: path.to_owned(), source });
            }
            Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path: path.to_owned() }),
        }
    }
}

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A study keeps a place for every number.
const LARGEST: u64 = 1 << 24;

/// The trials in a journal, and how many of its bytes are whole lines.
fn read(path: &Path, header: &Header, bytes: &[u8]) -> Result<(Vec<Record>, usize)> {
    let fault =
        |line: usize, reason: String| Error::Journal { path: path.to_owned(), line, reason };
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').peekable();
    let first = lines.next().unwrap_or_default();
    let found: Header = line::read(first.strip_suffix(b"\n").unwrap_or(first))
        .map_err(|reason| fault(1, reason))?;
    header.compare(&found, path)?;
    let mut whole = first.len();
    let mut records: Vec<Record> = Vec::new();
    for number in 2.. {
        let Some(text) = lines.next() else { break };
        let entry = text.strip_suffix(b"\n").ok_or_else(|| "no end of line".to_owned());
        match entry.and_then(line::read::<Record>) {
            Ok(record) if records.iter().any(|earlier| earlier.number == record.number) => {
                return Err(fault(number, format!("trial {} is there twice", record.number)));
            }
            Ok(record) if record.number > LARGEST => {
                return Err(fault(number, format!("trial {} is too far away", record.number)));
            }
            Ok(record) => records.push(record),
            // Pages of a line may reach the disk in any order, so its end alone proves nothing.
            Err(_) if lines.peek().is_none() => break,
            Err(reason) => return Err(fault(number, reason)),
        }
        whole += text.len();
    }
    Ok((records, whole))
}
