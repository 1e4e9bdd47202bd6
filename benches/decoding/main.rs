//! What it costs to generate: sampling beside Hugging Face, calls of several tokens, and drafts.
//!
//! `cargo run --release -p gradus-benches --bin decoding -- --help`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a bench speaks to the person at the terminal")]

mod beside;
mod drafts;
mod feeds;
mod pupil;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand};
use gradus::models::TransformerConfig;
use gradus::nn::Activation;

#[derive(Parser)]
#[command(about = "What it costs to generate with a character GPT of ten million weights")]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Tokens per second, beside Hugging Face's `generate`, by turns.
    Beside {
        /// A Python with `torch` and `transformers`.
        #[arg(long)]
        python: PathBuf,
        #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
        threads: Vec<usize>,
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// c(n): the time of a call that is fed n tokens, beside a call with one.
    Feeds {
        #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
        threads: Vec<usize>,
    },
    /// Tokens per second with drafts, beside the target alone. The models are trained first and kept.
    Drafts {
        /// A text, or a folder with `input.txt`.
        #[arg(long)]
        data: PathBuf,
        /// Where the trained models are kept.
        #[arg(long, default_value = "target/decoding")]
        out: PathBuf,
        /// Training steps of the target; the draft is trained for twice as many.
        #[arg(long, default_value_t = 900)]
        steps: usize,
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
}

fn main() -> Result<()> {
    match Args::parse().what {
        What::Beside { python, threads, rounds } => beside::run(&python, &threads, rounds),
        What::Feeds { threads } => feeds::run(&threads),
        What::Drafts { data, out, steps, rounds } => drafts::run(&data, &out, steps, rounds),
    }
}

/// Six layers of 384, 256 places: the usual character GPT of ten million weights.
fn large(vocab: usize) -> TransformerConfig {
    TransformerConfig {
        width: 384,
        n_heads: 6,
        n_layers: 6,
        activation: Activation::GeluTanh,
        tie_word_embeddings: true,
        ..TransformerConfig::new(vocab, 256)
    }
}

/// Seconds of a call.
fn seconds(mut call: impl FnMut() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    call()?;
    Ok(started.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
