//! One process of one side.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::line::Line;
use crate::options::Mode;

/// PyTorch's side; it is handed to Python as text, so that the program runs from anywhere.
const SCRIPT: &str = include_str!("torch_cases.py");

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    Torch,
    Gradus,
    /// Gradus in full f32 beside a run at lower precision.
    GradusHighest,
}

/// What a process is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    pub(crate) case: &'a str,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    pub(crate) seconds: f64,
    pub(crate) mode: Mode,
}

impl Peer {
    /// Runs a case in a process of its own; its figures.
    pub(crate) fn run(self, python: &Path, task: &Task<'_>) -> Result<Vec<Line>> {
        let mut command = match self {
            Self::Torch => torch(python),
            Self::Gradus | Self::GradusHighest => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("gradus");
                command
            }
        };
        let mode = match (self, task.mode) {
            (Self::Torch, Mode::Highest) => "fused".into(),
            (Self::Torch, Mode::Medium) => "amp".into(),
            (Self::GradusHighest, _) => name(Mode::Highest),
            (Self::Gradus, mode) => name(mode),
        };
        command.args(["--cases", task.case, "--mode", &mode]);
        command.args(["--threads", &task.threads.to_string(), "--round", &task.round.to_string()]);
        command.args(["--seconds", &task.seconds.to_string()]);
        output(&mut command)?.lines().filter(|line| line.starts_with('{')).map(parse).collect()
    }
}

/// Versions of Python and PyTorch, as a JSON object.
pub(crate) fn describe(python: &Path) -> Result<serde_json::Value> {
    let text = output(torch(python).arg("--describe"))?;
    serde_json::from_str(text.trim()).with_context(|| format!("not JSON: {text}"))
}

fn torch(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]);
    command
}

fn parse(line: &str) -> Result<Line> {
    serde_json::from_str(line).with_context(|| format!("not a figure: {line}"))
}

fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        bail!("{program}: {}: {}", output.status, message.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn name(mode: Mode) -> String {
    mode.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
