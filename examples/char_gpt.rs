//! A GPT that learns to write, character by character: 4 layers, 4 heads, 128 wide, 64 characters of
//! context, 2,000 steps. The setting of nanoGPT for a CPU, which ends at 1.88 nats per character.
//!
//! `cargo run --release --example char_gpt -- --data input.txt`

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use gradus::data::CharTokenizer;
use gradus::prelude::*;
use gradus_examples::{SmallGpt, english, print_json};

#[derive(Parser)]
#[command(about = "A GPT that learns to write, character by character")]
struct Args {
    /// A text file, or a folder with `input.txt`; without it, the guide of this project.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Updates.
    #[arg(long, default_value_t = 2_000)]
    steps: usize,
    /// Seed of the initial values and the order of the text.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let text = english(args.data.as_deref())?;
    let tokenizer = CharTokenizer::fit(&text)?;
    let ids = tokenizer.encode_tensor(&text)?;
    println!("{} characters, {} different ones", ids.len(), tokenizer.vocab_size());
    let train_len = ids.len() / 10 * 9;
    let train = ids.narrow(0, 0, train_len)?;
    let valid = ids.narrow(0, train_len, ids.len() - train_len)?;

    let small = SmallGpt { steps: args.steps, seed: args.seed };
    let trained = small.train(&train, &valid, tokenizer.vocab_size())?;
    println!(
        "{} parameters, {} steps in {:.1} s; held out: {:.3} nats per character, {:.3} bits\n",
        trained.gpt.num_parameters(),
        trained.steps,
        trained.seconds,
        trained.val_loss,
        trained.val_loss / std::f64::consts::LN_2
    );
    let first = tokenizer.encode(&text.chars().take(1).collect::<String>())?;
    trained.write(first, 400, args.seed, |id| {
        print!("{}", tokenizer.decode(&[id])?);
        Ok(std::io::stdout().flush()?)
    })?;
    println!();
    if args.json {
        print_json(&[("val_loss", trained.val_loss), ("seconds", trained.seconds)])?;
    }
    Ok(())
}
