//! English to learn from.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use gradus::data::read_text;

use crate::data_file;

/// The text of `--data`, a file or a folder with `input.txt`; without it, the guide of this project.
///
/// # Errors
/// If nothing can be read there.
pub fn english(data: Option<&Path>) -> Result<String> {
    match data {
        Some(path) => Ok(read_text(data_file(path, "input.txt"))?),
        None => guide(),
    }
}

fn guide() -> Result<String> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/en"));
    let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
    let mut files = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files.iter().map(read_text).collect::<gradus::data::Result<String>>()?)
}
