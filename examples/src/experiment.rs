//! What all experiments of the guide are asked for, and how they answer.

use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use gradus::core::Key;
use indicatif::{ProgressBar, ProgressStyle};

use crate::print_json;

/// One experiment of the guide: it prints a table, draws pictures, and hands its figures to programs.
///
/// Figures are what a seed decides, and so the same in every run: seconds are none.
#[derive(Debug, Parser)]
pub struct Experiment {
    /// The folder where the pictures go.
    #[arg(long, value_name = "FOLDER", default_value = "target/guide")]
    out: PathBuf,
    /// Seed of whatever is drawn.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
    #[arg(skip)]
    figures: Vec<(String, f64)>,
}

impl Experiment {
    /// Reads the command line.
    pub fn begin(name: &'static str, about: &'static str) -> Self {
        let matches = Self::command().name(name).about(about).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The key of the seed.
    pub fn key(&self) -> Key {
        Key::new(self.seed)
    }

    /// A bar for so many pieces of work, on standard error.
    ///
    /// # Errors
    /// Never: the template is a constant.
    pub fn bar(&self, pieces: usize) -> Result<ProgressBar> {
        let style = ProgressStyle::with_template("{msg:24} {bar:32} {pos}/{len}  {eta} left")?;
        Ok(ProgressBar::new(pieces as u64).with_style(style))
    }

    /// Prints a table or a sentence.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn print(&self, text: impl Display) -> Result<()> {
        Ok(writeln!(std::io::stdout(), "{text}")?)
    }

    /// Keeps a figure for `--json`.
    pub fn figure(&mut self, name: impl Into<String>, value: f64) {
        self.figures.push((name.into(), value));
    }

    /// Writes a picture, and says where.
    ///
    /// # Errors
    /// If the folder cannot be made or the file not be written.
    pub fn picture(&self, name: &str, svg: &str) -> Result<()> {
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let path = self.out.join(format!("{name}.svg"));
        gradus::io::write_atomic(&path, |file| file.write_all(svg.as_bytes()))?;
        self.print(format_args!("picture: {}", path.display()))
    }

    /// Ends with the figures, if they are asked for.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn finish(self) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        let figures: Vec<_> = self.figures.iter().map(|(name, v)| (name.as_str(), *v)).collect();
        print_json(&figures)
    }
}
