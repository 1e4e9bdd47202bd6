//! The table with the machine's description, in a file.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::machine;
use crate::options::{Mode, Options};
use crate::peer;
use crate::row::Row;
use crate::table;

/// Writes a page of Markdown.
pub(crate) fn write(
    path: &Path,
    options: &Options,
    rows: &[Row],
    failures: &[String],
) -> Result<()> {
    let python = options.python.as_deref().context("no Python")?;
    let torch = peer::describe(python)?;
    let text = page(options, rows, failures, &torch);
    Ok(gradus::io::write_atomic(path, |file| file.write_all(text.as_bytes()))?)
}

/// Refuses a file for which there is no folder, before half an hour is spent on it.
pub(crate) fn require_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let there = folder.is_none_or(Path::is_dir);
    ensure!(there, "--record {}: there is no such folder", path.display());
    Ok(())
}

fn page(options: &Options, rows: &[Row], failures: &[String], torch: &serde_json::Value) -> String {
    let mut text = String::from("# Gradus and PyTorch");
    if let Some(date) = machine::date() {
        let _ = write!(text, ", {date}");
    }
    let _ = writeln!(text, "\n\n{}\n", how(options));
    for (name, value) in machine::describe() {
        let _ = writeln!(text, "- {name}: {value}");
    }
    for name in ["python", "torch", "capability"] {
        let _ = writeln!(text, "- {name}: {}", torch[name].as_str().unwrap_or("unknown"));
    }
    let judged = rows.iter().filter_map(Row::met);
    let (met, all) = (judged.clone().filter(|&met| met).count(), judged.count());
    let _ = writeln!(text, "\n{}\n{met} of {all} targets are met.", table::markdown(rows));
    if !failures.is_empty() {
        let _ = writeln!(text, "\nProcesses that failed:\n");
        failures.iter().for_each(|failure| text += &format!("- `{failure}`\n"));
    }
    text
}

fn how(options: &Options) -> String {
    let Options { rounds, seconds, .. } = options;
    let precision = match options.mode {
        Mode::Highest => "f32 on both sides, PyTorch eager with its fused optimizer",
        Mode::Medium => {
            "Gradus at `Medium`, PyTorch under autocast to bf16 with its fused optimizer"
        }
    };
    format!(
        "Medians of {rounds} interleaved rounds of {seconds} s each, a process of its own for each \
         case and side; {precision}. The ratio is Gradus's speed over PyTorch's, for memory \
         PyTorch's over Gradus's."
    )
}
