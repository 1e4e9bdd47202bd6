//! PyTorch and Gradus on the same work, interleaved in one run.
//!
//! ```text
//! cargo run --release -p gradus-benches --bin compare -- --python .venv/bin/python
//! ```
//! starts, for every case and every number of threads, one process of each, in alternating order, and
//! prints both medians and their ratio beside the ratio to reach. Progress goes to standard error.
//! `compare gradus --cases A --threads 1` runs Gradus's side alone; both sides print one JSON
//! object per line, with the same names.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table goes to standard output, progress to standard error"
)]

mod case;
mod cases;
mod line;
mod machine;
mod options;
mod peer;
mod record;
mod rounds;
mod row;
mod stopwatch;
mod summary;
mod table;
mod target;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::options::{Command, Options};

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if let Some(Command::Gradus(side)) = &options.command {
        cases::run(side)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(path) = &options.record {
        record::require_folder(path)?;
    }
    let outcome = rounds::run(&options)?;
    let rows = summary::rows(&outcome, options.mode);
    print!("{}", table::plain(&rows));
    outcome.failures.iter().for_each(|failure| eprintln!("{failure}"));
    if let Some(path) = &options.record {
        record::write(path, &options, &rows, &outcome.failures)?;
        eprintln!("wrote {}", path.display());
    }
    Ok(if outcome.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
