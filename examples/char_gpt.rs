//! A GPT that learns to write, character by character: 4 layers, 4 heads, 128 wide, 64 characters of
//! context, 2,000 steps. The setting of nanoGPT for a CPU, which ends at 1.88 nats per character.
//!
//! `cargo run --release --example char_gpt -- --data input.txt`

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use gradus::data::{CharTokenizer, Loader, LoaderConfig, Shuffle, Windows, read_text};
use gradus::generate::{Ar, Event, Request, Strategy, Temperature, Warps};
use gradus::models::{Gpt, TransformerConfig};
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};
use gradus_examples::{data_file, print_json};

const CONTEXT: usize = 64;
const BATCH: usize = 12;

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
    let text = match &args.data {
        Some(path) => read_text(data_file(path, "input.txt"))?,
        None => guide()?,
    };
    let tokenizer = CharTokenizer::fit(&text)?;
    let ids = tokenizer.encode_tensor(&text)?;
    let train_len = ids.len() / 10 * 9;
    ensure!(ids.len() >= 100 * CONTEXT, "{} characters, expected {}", ids.len(), 100 * CONTEXT);
    println!("{} characters, {} different ones", ids.len(), tokenizer.vocab_size());

    // So many windows that one epoch has the wanted number of steps.
    let wanted = args.steps * BATCH;
    let stride = (train_len - CONTEXT).checked_div(wanted).unwrap_or(1).max(1);
    let train = Windows::new(&ids.narrow(0, 0, train_len)?, CONTEXT, stride)?;
    let valid = Windows::new(&ids.narrow(0, train_len, ids.len() - train_len)?, CONTEXT, CONTEXT)?;
    let shuffle = Shuffle::Keyed(Key::new(args.seed));
    let train = Loader::new(train, LoaderConfig { shuffle, ..LoaderConfig::new(BATCH) })?;
    let valid = Loader::new(valid, LoaderConfig::new(64))?;

    let config = TransformerConfig {
        width: 128,
        n_heads: 4,
        n_layers: 4,
        ..TransformerConfig::new(tokenizer.vocab_size(), CONTEXT)
    };
    let gpt = Gpt::new(&config, &mut Keys::new(args.seed))?;
    let epochs = (args.steps as u64).div_ceil(train.len() as u64);
    let schedule = Schedule::Cosine { steps: epochs * train.len() as u64, floor: 0.1 }.warmup(100);
    let optimizer =
        AdamW { lr: 2e-3, betas: [0.9, 0.99], weight_decay: 0.1, schedule, ..AdamW::default() };
    let optimizer = optimizer.init()?.first(clip_by_global_norm(1.0)?);
    let config = FitConfig { epochs, key: Key::new(args.seed), ..FitConfig::default() };
    println!("{} parameters", gpt.num_parameters());

    let started = Instant::now();
    let mut fit = Fit::new(gpt, loss, optimizer, config)?;
    fit.run(&train)?;
    let seconds = started.elapsed().as_secs_f64();
    let val_loss = fit.evaluate(&valid)?["loss"];
    println!(
        "{} steps in {seconds:.1} s; held out: {val_loss:.3} nats per character, {:.3} bits\n",
        fit.steps(),
        val_loss / std::f64::consts::LN_2
    );
    write(&fit.into_model(), &tokenizer, &text, args.seed)?;
    if args.json {
        print_json(&[("val_loss", val_loss), ("seconds", seconds)])?;
    }
    Ok(())
}

/// Mean nats per character over all positions of the windows.
fn loss(gpt: &Gpt, [input, target]: &[Tensor; 2], ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = gpt.forward(input, None, ctx)?.flatten(0, 1)?; // (B·T, V)
    let loss = logits.cross_entropy(&target.flatten(0, 1)?)?.mean(..)?;
    Ok(Score::new(loss, input.dims()[0]))
}

/// Streams 400 characters; where the context is full, the model goes on from its last half.
fn write(gpt: &Gpt, tokenizer: &CharTokenizer, text: &str, seed: u64) -> Result<()> {
    let ar = Ar { warps: Warps::none().with(Temperature(0.8)), ..Ar::default() };
    let mut ids = tokenizer.encode(&text.chars().take(1).collect::<String>())?;
    while ids.len() < 400 {
        let seen = ids[ids.len().saturating_sub(CONTEXT / 2)..].to_vec();
        let request = Request::new(seen).length(CONTEXT).seed(seed + ids.len() as u64);
        for event in ar.run(gpt, request)? {
            if let Event::Commit { value, .. } = event? {
                print!("{}", tokenizer.decode(&[value])?);
                std::io::stdout().flush()?;
                ids.push(value);
            }
        }
    }
    println!();
    Ok(())
}

/// The project's own guide, in English.
fn guide() -> Result<String> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/en"));
    let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
    let mut files = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files.iter().map(read_text).collect::<gradus::data::Result<String>>()?)
}
