//! What every modality is given.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use gradus::prelude::*;
use gradus::train::report::Page;

use crate::cache::Cache;
use crate::poems::Form;

/// How much is trained and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Minutes in all: the shape of the chart, with worse models.
    Quick,
    /// At most 40 minutes on two cores, the first time.
    Full,
}

impl Effort {
    /// One of two settings.
    pub(crate) fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// The settings of a run, the report that it writes, and what an earlier run left.
#[derive(Debug)]
pub(crate) struct Context {
    /// The user's folder of data sets.
    pub(crate) data: Option<PathBuf>,
    /// Where files go.
    pub(crate) out: PathBuf,
    pub(crate) effort: Effort,
    pub(crate) form: Form,
    pub(crate) key: Key,
    pub(crate) page: Page,
    pub(crate) cache: Cache,
}

impl Context {
    pub(crate) fn new(
        data: Option<PathBuf>,
        out: PathBuf,
        effort: Effort,
        form: Form,
        seed: u64,
    ) -> Result<Self> {
        std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
        let cache = Cache::new(out.join("cache"))?;
        let page = Page::new("Gradus: the trade-off between speed and distance to the data");
        Ok(Self { data, out, effort, form, key: Key::new(seed), page, cache })
    }

    /// The folder of a data set, if the user named a folder of data sets.
    pub(crate) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.data.as_ref().map(|data| data.join(name))
    }

    /// Starts a part: a line on the terminal, a heading in the report.
    pub(crate) fn begin(&mut self, title: &str) {
        println!("\n{title}");
        self.page.heading(title);
    }

    /// The project's own guide in a language, for those without data.
    pub(crate) fn guide(language: &str) -> Result<String> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide").join(language);
        let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
        let mut files: Vec<PathBuf> =
            entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        Ok(files.iter().map(gradus::data::read_text).collect::<gradus::data::Result<String>>()?)
    }
}
