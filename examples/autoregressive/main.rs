//! One piece after the other: text, images and waves, each by the model that was made for it.
//!
//! `cargo run --release --example autoregressive`
//!
//! - text: n-grams of growing order beside a recurrent network, which then takes an n-gram for its draft;
//! - digits: a PixelCNN paints one of each class, once pixel by pixel and once by guessing ahead;
//! - tones: a WaveNet plays three of them at 16 kHz, faster than they sound.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

mod digits;
mod text;
mod tones;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus_examples::print_json;
use indicatif::{ProgressBar, ProgressStyle};

#[derive(Parser)]
#[command(about = "Text, images and waves, one piece after the other")]
pub(crate) struct Args {
    /// A text file, or a folder with `input.txt`; without it, the guide of this project.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Updates of each network.
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// How long each tone sounds, in seconds.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Seed of the initial values, the batches and what is drawn.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where the tones go.
    #[arg(long, default_value = "target/autoregressive")]
    out: PathBuf,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

/// A name and a number.
pub(crate) type Figure = (&'static str, f64);

fn main() -> Result<()> {
    let args = Args::parse();
    let mut figures = text::run(&args)?;
    figures.extend(digits::run(&args)?);
    figures.extend(tones::run(&args)?);
    if args.json {
        print_json(&figures)?;
    }
    Ok(())
}

/// Trains a network; the mean loss of the last tenth of the steps.
pub(crate) fn train<M: Module>(
    name: &'static str,
    net: &mut M,
    steps: u64,
    loss: impl Fn(&M, Key) -> Result<Var>,
    key: Key,
) -> Result<f64> {
    let schedule = Schedule::cosine(steps).warmup(steps / 20);
    let optimizer = AdamW { lr: 4e-3, schedule, ..AdamW::default() }.init()?;
    let mut optimizer = optimizer.first(clip_by_global_norm(1.0)?);
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} steps, {msg} nats")?;
    let bar = ProgressBar::new(steps).with_style(style).with_prefix(name);
    bar.enable_steady_tick(Duration::from_millis(200));
    let (mut sum, last) = (0.0, (steps / 10).max(1));
    for step in 0..steps {
        let loss = loss(net, key.fold_in(step))?;
        let value = loss.item()?;
        optimizer.step(net, &loss.backward()?)?;
        bar.set_message(format!("{value:.3}"));
        bar.inc(1);
        if step + last >= steps {
            sum += value;
        }
    }
    bar.finish_and_clear();
    Ok(sum / last.min(steps).max(1) as f64)
}

/// `n` indices below `len`, drawn with a key.
pub(crate) fn indices(n: usize, len: usize, key: Key) -> Vec<usize> {
    (0..n as u64).map(|i| ((key.uniform(i) * len as f64) as usize).min(len - 1)).collect()
}
