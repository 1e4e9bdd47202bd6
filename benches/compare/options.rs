//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Runs PyTorch and Gradus on the same work, interleaved, and prints medians and ratios.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Options {
    /// One side alone.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Python of a virtual environment with torch and transformers.
    #[arg(long, required = true)]
    pub(crate) python: Option<PathBuf>,
    /// Groups A to G, or names of cases.
    #[arg(long, value_delimiter = ',', default_value = "A,B,C,D,E,F,G")]
    pub(crate) cases: Vec<String>,
    /// Numbers of threads.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    pub(crate) threads: Vec<usize>,
    /// How often each pair of processes is run; the figures are medians over rounds.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// The precision of products of f32: `medium` compares training steps with autocast to bf16.
    #[arg(long, value_enum, default_value_t = Mode::Highest)]
    pub(crate) mode: Mode,
    /// Seconds that each process measures.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// Writes the table with the machine's description to this file.
    #[arg(long)]
    pub(crate) record: Option<PathBuf>,
}

/// What can be run alone.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs Gradus's side alone and prints a JSON object per figure.
    Gradus(Side),
}

/// Options of one side.
#[derive(Debug, Args)]
pub(crate) struct Side {
    /// Groups A to G, or names of cases.
    #[arg(long, value_delimiter = ',', default_value = "A,B,C,D,E,F,G")]
    pub(crate) cases: Vec<String>,
    /// How many threads kernels use.
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// The precision of products of f32.
    #[arg(long, value_enum, default_value_t = Mode::Highest)]
    pub(crate) mode: Mode,
    /// Seconds measured per case.
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
    /// The number of the round; only the first checks that losses fall.
    #[arg(long, default_value_t = 0)]
    pub(crate) round: usize,
}

/// The precision of products of f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// f32 against f32, with PyTorch's fused optimizer.
    Highest,
    /// bf16 products of f32 against autocast to bf16, training steps only.
    Medium,
}
