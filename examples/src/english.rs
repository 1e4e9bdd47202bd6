//! English to learn from.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use gradus::data::read_text;

use crate::{SmallGpt, data_file};

/// The text of `--data`, a file or a folder with `input.txt`; without it, the guide of this project.
///
/// # Errors
/// If nothing can be read there, or too little for [`SmallGpt`].
pub fn english(data: Option<&Path>) -> Result<String> {
    let Some(path) = data else { return guide() };
    let file = data_file(path, "input.txt");
    let text = read_text(&file)?;
    let (n, least) = (text.chars().count(), 100 * SmallGpt::CONTEXT);
    ensure!(n >= least, "{}: {n} characters, expected at least {least}", file.display());
    Ok(text)
}

fn guide() -> Result<String> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/en"));
    let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
    let mut files = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files.iter().map(read_text).collect::<gradus::data::Result<String>>()?)
}
