//! The trade-off, measured: how far from the data samples are, against what they cost.
//!
//! `cargo run --release --example tradeoff -- --data DIR` with a folder that holds `tang_poems`,
//! `tiny_shakespeare`, `mnist10k` and `spoken_digits`; without it, on what the project ships. Every modality is a
//! file with one function, `run`, that trains its networks (or loads them from an earlier run),
//! draws with every strategy, and returns the points of its chart.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to the person at the terminal"
)]

mod anew;
mod artists;
mod cache;
mod chart;
mod compare;
mod context;
mod digits;
mod english;
mod gauge;
mod learn;
mod pictures;
mod poems;
mod rows;
mod sequence;
mod speech;
mod strategies;
mod table;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use crate::context::{Context, Effort};
use crate::poems::Form;

/// Distance to the data against time and calls, for every strategy and modality.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with `tang_poems`, `tiny_shakespeare`, `mnist10k` and `spoken_digits`; without it, what the project ships.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Smaller networks, fewer samples: minutes instead of half an hour.
    #[arg(long)]
    quick: bool,
    /// Only these, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    only: Vec<Modality>,
    /// The form of the poems.
    #[arg(long, value_enum, default_value_t = Form::Five)]
    form: Form,
    /// Write every point of the charts to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the report, the charts and the trained networks go.
    #[arg(long, value_name = "DIR", default_value = "target/tradeoff")]
    out: PathBuf,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// What is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Modality {
    /// Chinese verse, a character a token.
    Text,
    /// English, a character a token.
    English,
    /// Handwritten digits, a pixel a token.
    Digits,
    /// Spoken digits: samples, frames or codes.
    Speech,
}

impl Modality {
    const ALL: [Self; 4] = [Self::Text, Self::English, Self::Digits, Self::Speech];

    /// Refuses data that cannot be read, before anything is trained.
    fn check(self, cx: &Context) -> Result<()> {
        match self {
            Self::Text => text::corpus(cx).map(drop),
            Self::English => english::corpus(cx).map(drop),
            Self::Digits => digits::load(cx).map(drop),
            Self::Speech => speech::load(cx).map(drop),
        }
    }

    fn run(self, cx: &mut Context) -> Result<Vec<rows::Row>> {
        match self {
            Self::Text => text::run(cx),
            Self::English => english::run(cx),
            Self::Digits => digits::run(cx),
            Self::Speech => speech::run(cx),
        }
    }
}

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradeoff: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<()> {
    let effort = if args.quick { Effort::Quick } else { Effort::Full };
    let mut cx = Context::new(args.data.clone(), args.out.clone(), effort, args.form, args.seed)?;
    let chosen = if args.only.is_empty() { &Modality::ALL[..] } else { &args.only };
    chosen.iter().try_for_each(|modality| modality.check(&cx))?;

    let started = Instant::now();
    let mut all = Vec::new();
    for modality in chosen {
        let begun = Instant::now();
        let rows = modality.run(&mut cx)?;
        chart::add(&mut cx, &rows)?;
        println!("{:.1} s", begun.elapsed().as_secs_f64());
        all.extend(rows);
    }
    if let Some(file) = &args.json {
        rows::write(file, &all)?;
        println!("points: {}", file.display());
    }
    let path = cx.out.join("report.html");
    cx.page.save(&path).with_context(|| path.display().to_string())?;
    println!("report: {}, {:.1} s in all", path.display(), started.elapsed().as_secs_f64());
    Ok(())
}
