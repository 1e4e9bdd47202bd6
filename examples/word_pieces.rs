//! The same GPT on characters and on word pieces, held to the same unit: bits per character.
//!
//! The pieces are learned by byte-pair encoding from the training text alone. Network, number of
//! updates and tokens per update are equal, so the second model reads more text per update and sees
//! further back; `--piece-steps` gives it as many updates as fit into the first one's seconds.
//!
//! `cargo run --release --example word_pieces -- --data input.txt`

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use std::f64::consts::LN_2;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;
use gradus::data::{BytePairConfig, CharTokenizer};
use gradus::prelude::*;
use gradus_examples::{SmallGpt, TrainedGpt, english, print_json};

#[derive(Parser)]
#[command(about = "The same GPT on characters and on word pieces")]
struct Args {
    /// A text file, or a folder with `input.txt`; without it, the guide of this project.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Updates.
    #[arg(long, default_value_t = 2_000)]
    steps: usize,
    /// Updates of the model on pieces, if not as many.
    #[arg(long)]
    piece_steps: Option<usize>,
    /// Pieces in all, the 256 bytes among them.
    #[arg(long, default_value_t = 512)]
    vocab: usize,
    /// Seed of the initial values and the order of the text.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

/// A model and what it is held to.
struct Run {
    trained: TrainedGpt,
    /// Characters of the tokens that were forecast.
    chars: usize,
}

impl Run {
    /// The code length of the held-out text, by its characters.
    fn bits_per_char(&self) -> f64 {
        self.trained.val_loss * self.trained.val_tokens as f64 / self.chars as f64 / LN_2
    }

    fn chars_per_token(&self) -> f64 {
        self.chars as f64 / self.trained.val_tokens as f64
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<10} {:>10} {:>8} {:>8.1} {:>12.2} {:>12.3} {:>10.3}",
            self.trained.gpt.num_parameters(),
            self.trained.steps,
            self.trained.seconds,
            self.chars_per_token(),
            self.trained.val_loss,
            self.bits_per_char(),
        );
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let text = english(args.data.as_deref())?;
    let n_chars = text.chars().count();
    let cut = text.char_indices().nth(n_chars / 10 * 9).map_or(text.len(), |(at, _)| at);
    let (train, valid) = text.split_at(cut);

    let letters = CharTokenizer::fit(&text)?;
    let config = SmallGpt { steps: args.steps, seed: args.seed };
    let encode = |part: &str| letters.encode_tensor(part);
    let trained = config.train(&encode(train)?, &encode(valid)?, letters.vocab_size())?;
    let chars = Run { chars: trained.val_tokens, trained };

    let tokenizer = BytePairConfig::new(args.vocab).fit([train])?;
    let ids = |part| tokenizer.encode(part).into_iter().map(i64::from).collect::<Vec<_>>();
    let valid = tokenizer.encode(valid);
    let config = SmallGpt { steps: args.piece_steps.unwrap_or(args.steps), ..config };
    let held_out: Vec<i64> = valid.iter().copied().map(i64::from).collect();
    let trained =
        config.train(&Tensor::from(ids(train)), &Tensor::from(held_out), tokenizer.vocab_size())?;
    let forecast = tokenizer.decode(&valid[1..=trained.val_tokens])?;
    let pieces = Run { chars: forecast.chars().count(), trained };
    ensure!(pieces.chars > 0, "no character was forecast");

    println!(
        "{n_chars} characters, {} different ones; {} pieces\n\n\
         tokens     parameters    steps  seconds  chars/token   nats/token  bits/char",
        letters.vocab_size(),
        tokenizer.vocab_size()
    );
    chars.print("characters");
    pieces.print("pieces");
    let mut written = tokenizer.encode(&text.chars().take(1).collect::<String>());
    let first = written.clone();
    pieces.trained.write(first, 160, args.seed, |id| {
        written.push(id);
        Ok(())
    })?;
    println!("\n{}", tokenizer.decode(&written)?);
    if args.json {
        print_json(&[
            ("bits_per_char_pieces", pieces.bits_per_char()),
            ("bits_per_char_chars", chars.bits_per_char()),
            ("chars_per_piece", pieces.chars_per_token()),
            ("seconds_pieces", pieces.trained.seconds),
            ("seconds_chars", chars.trained.seconds),
        ])?;
    }
    Ok(())
}
