//! The machine looks for the structure: a network for handwritten digits with no more parameters than
//! the hand-made one of the example `digits`, and better at digits that the search never saw.
//!
//! `cargo run --release --example structure_search`, and the same again after it was killed
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

mod design;
mod training;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use design::{Design, hand_made, hand_made_optimizer};
use gradus::prelude::*;
use gradus::search::{AshaPruner, RunConfig, Searched, State, Study, StudyConfig, Tpe};
use gradus::train::hash_tensors;
use gradus::train::report::Table;
use gradus_examples::{Digits, print_json};
use indicatif::{ProgressBar, ProgressStyle};
use training::{Parts, Seen, spread};

#[derive(Parser)]
#[command(about = "The machine looks for a better network than the hand-made one")]
struct Args {
    /// A folder with a pair of IDX files, as MNIST's; without it, 1,797 digits of 8×8 pixels.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Minutes in all: six tenths to search, the rest to compare. A search that was killed goes on
    /// for what is left.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Epochs of each training; 20 by default, or 4 with --data.
    #[arg(long)]
    epochs: Option<u64>,
    /// Trials at most.
    #[arg(long, default_value_t = 1000)]
    trials: u64,
    /// Trainings at once.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Trainings of each network in the comparison.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Seed of the search.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where the journal and the report go.
    #[arg(long, default_value = "target/structure_search")]
    out: PathBuf,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

/// Designs that are trained again before one is chosen: the best of many was also lucky.
const FINALISTS: usize = 8;
/// Each time a finalist is judged by another part of the known digits, until all have spoken.
const FOLDS: usize = 5;
const SEARCH_SHARE: f64 = 0.6;

fn main() -> Result<()> {
    let started = Instant::now();
    let args = Args::parse();
    ensure!(args.workers > 0 && args.seeds > 0, "one worker and one seed at least");
    ensure!(args.minutes > 0.0 && args.minutes < 1e6, "--minutes: a positive number");
    let digits = args.data.as_deref().map_or_else(Digits::small, Digits::idx)?;
    let epochs = args.epochs.unwrap_or(if args.data.is_some() { 4 } else { 20 });
    // The end of the file is for the comparison; what is before it, for the search.
    let n_known = digits.len() - (digits.len() / 5).min(1_000);
    let known = digits.select(&(0..n_known).collect::<Vec<_>>())?;
    let search = Parts::new(&known, n_known * 4 / 5, epochs)?;
    let most = hand_made(digits.side()).init(&mut Keys::new(0))?.num_parameters();
    println!(
        "{}: {} to learn from, {} to choose by, {} held out; at most {most} parameters",
        digits.source,
        n_known * 4 / 5,
        n_known - n_known * 4 / 5,
        digits.len() - n_known
    );

    let hash = hash_tensors([&digits.pixels, &digits.labels])?;
    fs::create_dir_all(&args.out)?;
    let config = StudyConfig {
        key: Key::new(args.seed),
        sampler: Box::new(Tpe::default()),
        pruner: Some(Box::new(AshaPruner { min_steps: 2, factor: 3, ..AshaPruner::default() })),
        concurrency: 2,
        // Other data or other trainings are another search.
        journal: Some(args.out.join(format!("{hash}-{epochs}-{}.jsonl", args.seed))),
        ..StudyConfig::new(Design::space()?)
    };
    let mut study = config.init()?;
    look_for(&mut study, &search, &args, digits.side(), most)?;
    println!("\n{}", best_trials(&study));

    let found = choose(&study, &known, epochs, &args, most)?;
    let all = Parts::new(&digits, n_known, epochs)?;
    let accuracies = compare(&found, &all, &args, digits.side(), most)?;
    let net = found.net(digits.side(), most, Key::new(0))?;
    let table = beside(&accuracies, [net.num_parameters(), most]);
    println!("{found:#?}\n\n{table}");
    let mut page = study.report()?;
    page.heading("Compared on digits that the search never saw").table(&table);
    page.heading("The network that was found").verbatim(&format!("{found:#?}"));
    page.verbatim(&gradus::nn::summary(&net));
    let path = args.out.join("report.html");
    page.save(&path)?;
    println!("report: {}", path.display());
    if args.json {
        print_json(&[
            ("accuracy_found", mean(&accuracies[0])),
            ("accuracy_hand_made", mean(&accuracies[1])),
            ("parameters", net.num_parameters() as f64),
            ("seconds", started.elapsed().as_secs_f64()),
        ])?;
    }
    Ok(())
}

/// Searches for as long as there is time, less what an earlier process has used.
fn look_for(
    study: &mut Study,
    parts: &Parts,
    args: &Args,
    side: [usize; 2],
    most: usize,
) -> Result<()> {
    let used = study.records().map(|r| r.seconds).sum::<f64>() / args.workers as f64;
    let seconds = 60.0 * SEARCH_SHARE * args.minutes;
    let left = Duration::from_secs_f64((seconds - used).max(0.0));
    let done = study.records().count();
    if done > 0 {
        println!("{done} trials in the journal, {:.0} seconds left to search", left.as_secs_f64());
    }
    let style = "{spinner} {bar:30} {pos}/{len} s  {msg}";
    let bar = ProgressBar::new(seconds as u64).with_style(ProgressStyle::with_template(style)?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let started = Instant::now();
    let run =
        RunConfig { workers: args.workers, time_limit: Some(left), ..RunConfig::new(args.trials) };
    study.run(run, |trial| {
        bar.set_message(format!("trial {}", trial.number()));
        let design: Design = trial.config()?;
        let net = design.net(side, most, trial.key())?;
        let seen = parts.train(net, design.optimizer(parts.steps())?, trial.key(), Some(trial))?;
        bar.set_position((used + started.elapsed().as_secs_f64()) as u64);
        Ok(seen.loss)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// The best trials, a paragraph each: there are too many parameters for the columns of a terminal.
fn best_trials(study: &Study) -> String {
    let pruned = study.records().filter(|record| record.state == State::Pruned).count();
    let mut text = format!("{} trials, {pruned} pruned; the best:\n", study.records().count());
    for record in study.ranking().into_iter().take(3) {
        let (number, point) = (record.number, &record.suggestion.point);
        text += &format!("  trial {number}, loss {:.4}: {point}\n", record.value);
    }
    text
}

/// The finalist that is best in cross-validation.
fn choose(study: &Study, known: &Digits, epochs: u64, args: &Args, most: usize) -> Result<Design> {
    let complete = |record: &&&gradus::search::Record| record.state == State::Complete;
    let ranking = study.ranking();
    let finalists = ranking.iter().filter(complete).take(FINALISTS);
    let designs: Vec<Design> =
        finalists.map(|record| Design::at(&record.suggestion.point)).collect::<Result<_, _>>()?;
    ensure!(!designs.is_empty(), "no trial is complete; give it more --minutes");
    let n = known.len();
    let fold = |i: usize| {
        // The last part of the digits, turned, is the one to judge by.
        let turned: Vec<usize> = (0..n).map(|at| (at + i * n / FOLDS) % n).collect();
        Parts::new(&known.select(&turned)?, n - n / FOLDS, epochs)
    };
    let folds = (0..FOLDS).map(fold).collect::<Result<Vec<Parts>>>()?;
    let key = Key::new(args.seed).fold_in(1);
    let bar = ProgressBar::new((designs.len() * FOLDS) as u64);
    let seen = spread(designs.len() * FOLDS, args.workers, |job| {
        let (design, i) = (&designs[job / FOLDS], job % FOLDS);
        let (parts, key) = (&folds[i], key.fold_in(i as u64));
        let net = design.net(known.side(), most, key)?;
        let seen = parts.train(net, design.optimizer(parts.steps())?, key, None)?;
        bar.inc(1);
        Ok(seen.loss)
    })?;
    bar.finish_and_clear();
    let means: Vec<f64> = seen.chunks(FOLDS).map(mean).collect();
    let best = (0..designs.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]));
    Ok(designs[best.context("there are finalists")?].clone())
}

/// Accuracies of the design that was found and of the hand-made network, for several seeds, after
/// the same number of steps on the same digits.
fn compare(
    found: &Design,
    parts: &Parts,
    args: &Args,
    side: [usize; 2],
    most: usize,
) -> Result<[Vec<f64>; 2]> {
    let n = args.seeds as usize;
    let key = Key::new(args.seed).fold_in(2);
    let bar = ProgressBar::new(2 * n as u64);
    let seen = spread(2 * n, args.workers, |job| {
        let key = key.fold_in((job % n) as u64);
        let steps = parts.steps();
        let seen: Seen = if job < n {
            parts.train(found.net(side, most, key)?, found.optimizer(steps)?, key, None)?
        } else {
            let net = hand_made(side).init(&mut Keys::from(key))?;
            parts.train(net, hand_made_optimizer(steps)?, key, None)?
        };
        bar.inc(1);
        Ok(seen.accuracy)
    })?;
    bar.finish_and_clear();
    Ok([seen[..n].to_vec(), seen[n..].to_vec()])
}

/// The network that was found beside the hand-made one.
fn beside(accuracies: &[Vec<f64>; 2], parameters: [usize; 2]) -> Table {
    let mut table = Table::new(["network", "parameters", "held-out accuracy", "from", "to"]);
    for (i, name) in ["found", "hand-made"].into_iter().enumerate() {
        let percent = |v: f64| format!("{:.2} %", 100.0 * v);
        let least = accuracies[i].iter().copied().fold(f64::INFINITY, f64::min);
        let most = accuracies[i].iter().copied().fold(0.0, f64::max);
        let cells = [percent(mean(&accuracies[i])), percent(least), percent(most)];
        table.row([vec![name.to_owned(), parameters[i].to_string()], cells.to_vec()].concat());
    }
    table
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
