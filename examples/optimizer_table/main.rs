//! Every optimizer on the same problems: the loss it reaches, the steps it needs, and how many
//! learning rates will do.
//!
//! `cargo run --release --example optimizer_table` prints a Markdown table in about half a minute; it is
//! quoted in `docs/optimizers.md`. A picture shows the losses of the best known over learning rates.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to the person at the terminal"
)]

mod measure;
mod methods;
mod problems;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use gradus::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use measure::{Cell, RATES, cell};
use methods::methods;
use problems::problems;

/// Compares all optimizers on a fixed set of problems.
#[derive(Debug, Parser)]
struct Args {
    /// Only optimizers whose name contains this.
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// Seed of starting points, batches and noise.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The folder where the picture goes.
    #[arg(long, value_name = "FOLDER", default_value = "target/guide")]
    out: PathBuf,
    /// Print the figures of the picture as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("optimizer_table: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let problems = problems(Key::new(args.seed))?;
    let mut methods = methods();
    methods.retain(|method| method.name.to_lowercase().contains(&args.only.to_lowercase()));
    let bar = ProgressBar::new((methods.len() * problems.len()) as u64);
    bar.set_style(ProgressStyle::with_template("{msg:12} {bar:32} {pos}/{len}  {eta} left")?);

    let mut rows = Vec::new();
    for method in &methods {
        bar.set_message(method.name);
        let mut cells = Vec::new();
        for problem in &problems {
            cells.push(cell(method, problem)?);
            bar.inc(1);
        }
        rows.push((method.name, cells));
    }
    bar.finish_and_clear();

    println!("| problem | steps | solved when the loss is below | at the start |");
    println!("|---|---:|---:|---:|");
    for problem in &problems {
        let start = (problem.measure)(&problem.start)?;
        println!("| {} | {} | {} | {start:.3} |", problem.name, problem.steps, problem.target);
    }
    println!();
    let names: Vec<&str> = problems.iter().map(|problem| problem.name).collect();
    println!("| optimizer | {} | rates that solve |", names.join(" | "));
    println!("|---|{}---:|", "---:|".repeat(names.len()));
    for (name, cells) in &rows {
        let solved: usize = cells.iter().flatten().map(|cell| cell.solved).sum();
        let all = RATES * cells.iter().flatten().count();
        let texts: Vec<String> =
            cells.iter().map(|cell| cell.as_ref().map_or("–".into(), Cell::text)).collect();
        println!("| {name} | {} | {solved} of {all} |", texts.join(" | "));
    }
    show::picture(&rows, &problems, &args.out)?;
    if args.json { show::figures(&rows) } else { Ok(()) }
}
