//! What the examples are asked for on the command line, and what they answer.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// The file that `--data` names: itself, or the file of this name in a folder.
pub fn data_file(path: &Path, name: &str) -> PathBuf {
    if path.is_dir() { path.join(name) } else { path.to_path_buf() }
}

/// Prints figures as one line of JSON, for programs.
///
/// # Errors
/// If nothing can be printed. JSON has no NaN, which becomes `null`.
pub fn print_json(figures: &[(&str, f64)]) -> Result<()> {
    let object: serde_json::Map<String, serde_json::Value> =
        figures.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&object)?)?)
}
