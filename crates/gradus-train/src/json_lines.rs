//! The log of a run as JSON lines.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::Value;

use crate::callback::{Callback, StepRecord};
use crate::config::Log;
use crate::error::{Error, Result};
use crate::history::EpochRecord;

/// Writes a line per epoch and per so many steps; see [`Log`].
#[derive(Debug)]
pub(crate) struct JsonLines {
    log: Log,
    file: Option<File>,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Step,
    Epoch,
}

#[derive(Serialize)]
struct Line<'a, R> {
    kind: Kind,
    #[serde(flatten)]
    record: &'a R,
}

impl JsonLines {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, file: None }
    }

    /// Opens the file for the first record of this run. Lines that an interrupted run wrote from
    /// there on are taken out: they are about to be written again.
    fn open(&self, kind: Kind, step: u64) -> io::Result<File> {
        let earlier = |line: &&str| {
            serde_json::from_str::<Value>(line).is_ok_and(|line| {
                let at = line["step"].as_u64().unwrap_or(u64::MAX);
                at < step || (at == step && kind == Kind::Epoch && line["kind"] == "step")
            })
        };
        gradus_io::remove_abandoned(&self.log.path).map_err(io::Error::other)?;
        let text = match fs::read_to_string(&self.log.path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e),
        };
        let kept: String = text.lines().filter(earlier).flat_map(|line| [line, "\n"]).collect();
        if kept != text {
            gradus_io::write_atomic(&self.log.path, |file| file.write_all(kept.as_bytes()))
                .map_err(io::Error::other)?;
        }
        OpenOptions::new().append(true).create(true).open(&self.log.path)
    }

    fn write<R: Serialize>(&mut self, kind: Kind, step: u64, record: &R) -> Result<()> {
        self.try_write(kind, step, record)
            .map_err(|source| Error::File { path: self.log.path.clone(), source })
    }

    fn try_write<R: Serialize>(&mut self, kind: Kind, step: u64, record: &R) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(self.open(kind, step)?);
        }
        let mut line = serde_json::to_vec(&Line { kind, record })?;
        line.push(b'\n');
        // One write per line: a reader that follows the file sees whole lines.
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(&line))
    }
}

impl Callback for JsonLines {
    fn on_step(&mut self, record: &StepRecord) -> Result<()> {
        if !record.step.is_multiple_of(self.log.every) {
            return Ok(());
        }
        self.write(Kind::Step, record.step, record)
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<ControlFlow<()>> {
        self.write(Kind::Epoch, record.step, record)?;
        Ok(ControlFlow::Continue(()))
    }

    /// The next call may follow a resume, so it looks at the file again.
    fn on_end(&mut self) {
        self.file = None;
    }
}
