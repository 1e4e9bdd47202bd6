//! The whole of Gradus in one walk: a number, a class, and objects with structure.
//!
//! `cargo run --release --example tour` needs no data but what comes with it. It trains every model
//! it shows, prints one table, and writes `target/tour/report.html`.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to the person at the terminal"
)]

mod classify;
mod draw;
mod exact;
mod regression;
mod strategies;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use gradus::prelude::*;
use gradus::train::report::{Page, Table};
use gradus_examples::Digits;

/// From tensors to generation: regression, classification, digits drawn three ways, text.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with IDX files (MNIST's format, plain or gzip) for the digits.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Text file (UTF-8) for the language model; without it, the project's own guide.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long, value_name = "DIR", default_value = "target/tour")]
    out: PathBuf,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// What every step adds to: the report, and the table that is printed at the end.
pub(crate) struct Tour {
    pub(crate) page: Page,
    table: Table,
    pub(crate) key: Key,
    /// Where files go.
    pub(crate) out: PathBuf,
    step: Instant,
}

impl Tour {
    /// Starts a step: a line on the terminal, a heading in the report.
    pub(crate) fn begin(&mut self, title: &str) {
        println!("\n{title}");
        self.page.heading(title);
        self.step = Instant::now();
    }

    /// Notes one figure of the step.
    pub(crate) fn found(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.table.row([what.into(), value.into()]);
    }

    fn end(&mut self, title: &str) {
        self.found(format!("{title}: time"), format!("{:.1} s", self.step.elapsed().as_secs_f64()));
    }
}

fn main() -> ExitCode {
    match walk(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tour: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn walk(args: &Args) -> Result<()> {
    // What the user named is read first: a wrong path is told at once, not after two minutes.
    let digits = match &args.data {
        Some(dir) => Digits::idx(dir)?,
        None => Digits::small()?,
    };
    let text = text::load(args.text.as_deref())?;
    std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;

    let started = Instant::now();
    let mut tour = Tour {
        page: Page::new("Gradus: from tensors to generation"),
        table: Table::new(["figure", "value"]),
        key: Key::new(args.seed),
        out: args.out.clone(),
        step: started,
    };
    regression::run(&mut tour)?;
    tour.end("regression");
    let judge = classify::run(&mut tour, &digits)?;
    tour.end("classification");
    draw::run(&mut tour, &digits, &judge)?;
    tour.end("digits drawn");
    text::run(&mut tour, &text)?;
    tour.end("text");
    exact::run(&mut tour)?;
    tour.end("exact");
    tour.found("the whole tour", format!("{:.1} s", started.elapsed().as_secs_f64()));

    println!("\n{}", tour.table);
    tour.page.heading("All figures").table(&tour.table);
    let path = args.out.join("report.html");
    tour.page.save(&path)?;
    println!("report: {}", path.display());
    Ok(())
}
