//! Writes the page.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::page::{PAGE, page};
use crate::tidy::Tree;

/// Writes `docs/ops.md` anew.
pub(crate) fn run(root: &Path) -> Result<()> {
    match page(&Tree::read(root)?) {
        Ok(text) => {
            fs::write(root.join(PAGE), text).with_context(|| format!("write {PAGE}"))?;
            println!("ops: wrote {PAGE}");
            Ok(())
        }
        Err(faults) => {
            for fault in &faults {
                println!("{fault}");
            }
            bail!("{PAGE} lacks {} op(s)", faults.len())
        }
    }
}
