//! What loading costs: training steps of the digits' network on batches that lie ready, beside the same
//! steps on batches that a loader brings.
//!
//! `cargo run --release -p gradus-benches --bin loading`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a bench speaks to the person at the terminal")]

use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use gradus::data::{
    Augmented, Loader, LoaderConfig, RandomAffine, Shuffle, Stacked, TensorDataset, augment_rows,
};
use gradus::models::{LeNet, LeNetConfig};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::{AdamW, Optimizer};
use gradus::prelude::*;
use gradus::train::Batches;

const BATCH: usize = 64;

#[derive(Parser)]
#[command(about = "What loading costs beside a training step of the digits' network")]
struct Args {
    /// Steps per measurement.
    #[arg(long, default_value_t = 40)]
    steps: usize,
    /// Measurements of each source, one source after the other.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
}

type Batch = [Tensor; 2];

struct Training {
    net: LeNet,
    optimizer: Optimizer,
}

impl Training {
    /// Seconds of an epoch.
    fn epoch(&mut self, batches: &dyn Batches<Batch = Batch>, epoch: u64) -> Result<f64> {
        let started = Instant::now();
        for batch in batches.epoch(epoch, 0) {
            let [images, labels] = batch?;
            let logits = self.net.forward(&Var::from(&images), &mut Ctx::eval())?;
            let loss = cross_entropy(&logits, &labels, CrossEntropy::default())?;
            self.optimizer.step(&mut self.net, &loss.backward()?)?;
        }
        Ok(started.elapsed().as_secs_f64())
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let key = Key::new(7);
    let n = args.steps * BATCH;
    let images = Tensor::rand([n, 1, 28, 28], DType::F32, key)?;
    let data = TensorDataset::new([images, Tensor::randint(0, 10, [n], key)?])?;
    let config = |workers| LoaderConfig {
        shuffle: Shuffle::Keyed(key),
        workers,
        ..LoaderConfig::new(BATCH)
    };
    let movement = RandomAffine { degrees: 10.0, translate: 0.06, scale: (0.9, 1.1), shear: 5.0 };
    let moved = move |[images, labels]: Batch, keys: &[Key]| {
        Ok([augment_rows(&images, keys, &[&movement])?, labels])
    };
    let stacked = |workers| Loader::new(data.clone(), config(workers));
    let augmented = |workers| {
        let collate = Augmented::new(Stacked, key, moved);
        Loader::with_collate(data.clone(), config(workers), collate)
    };
    let ready: Vec<Batch> = stacked(0)?.epoch(0).collect::<Result<_, _>>()?;
    let sources: [(&str, Box<dyn Batches<Batch = Batch>>); 5] = [
        ("batches that lie ready", Box::new(ready)),
        ("loader, no worker", Box::new(stacked(0)?)),
        ("loader, 2 workers", Box::new(stacked(2)?)),
        ("loader that moves pictures, no worker", Box::new(augmented(0)?)),
        ("loader that moves pictures, 2 workers", Box::new(augmented(2)?)),
    ];

    let config = LeNetConfig { channels: [32, 64], hidden: 128, ..LeNetConfig::new([28, 28], 10) };
    let net = config.init(&mut Keys::from(key))?;
    let mut training = Training { net, optimizer: AdamW::default().init()? };
    training.epoch(&*sources[0].1, 0)?;
    let mut seconds = vec![Vec::new(); sources.len()];
    for round in 0..args.rounds as u64 {
        for ((_, source), seconds) in sources.iter().zip(&mut seconds) {
            seconds.push(training.epoch(&**source, round)?);
        }
    }
    let medians: Vec<f64> = seconds.into_iter().map(median).collect();
    println!("| batches | ms per step | more than ready ones |\n|---|---:|---:|");
    for ((name, _), median) in sources.iter().zip(&medians) {
        let (step, more) = (1e3 * median / args.steps as f64, 100.0 * (median / medians[0] - 1.0));
        println!("| {name} | {step:.2} | {more:+.1} % |");
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
