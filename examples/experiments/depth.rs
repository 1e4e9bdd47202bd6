//! Deep and thin against shallow and fat, with equally many parameters, on digits.
//!
//! `cargo run --release --example depth`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::models::{Mlp, MlpConfig};
use gradus::nn::init::{Fan, kaiming_normal};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Table};
use gradus_examples::{DigitRows, Digits, Experiment};

/// How many hidden layers.
const DEPTHS: [usize; 6] = [1, 2, 3, 4, 6, 8];
/// How many parameters, at most.
const BUDGETS: [usize; 2] = [2_000, 8_000];
const STARTS: u64 = 5;
const EPOCHS: u64 = 40;
const BATCH: usize = 32;

/// The widths of `depth` equal hidden layers, as fat as the budget allows.
fn widths(depth: usize, budget: usize) -> Vec<usize> {
    let size = |w: usize| (64 + 1) * w + (depth - 1) * (w + 1) * w + (w + 1) * 10;
    let width = (1..).take_while(|&w| size(w) <= budget).last().unwrap_or(1);
    std::iter::once(64).chain(vec![width; depth]).chain([10]).collect()
}

fn main() -> Result<()> {
    let about = "Deep and thin against shallow and fat at equal parameters, on digits";
    let mut experiment = Experiment::begin("depth", about);
    let digits = Digits::small()?;
    let title = "Digits read right, held out: means of five starts";
    let mut chart = Chart::new(title, "hidden layers", "held-out accuracy (%)");
    let header = [
        "budget",
        "hidden layers",
        "width",
        "parameters",
        "training loss",
        "held-out accuracy",
        "lowest",
        "highest",
    ];
    let mut table = Table::new(header);
    let bar = experiment.bar(BUDGETS.len() * DEPTHS.len() * STARTS as usize)?;
    for budget in BUDGETS {
        let (mut means, mut ranges) = (Vec::new(), Vec::new());
        for depth in DEPTHS {
            let config = MlpConfig::new(widths(depth, budget));
            let (mut right, mut losses, mut parameters) = (Vec::new(), 0.0, 0);
            for start in 0..STARTS {
                // Every depth sees the same five divisions of the digits.
                let key = experiment.key().fold_in(start);
                let rows = DigitRows::split(&digits, key)?;
                let net = begin(&config, key.fold_in(depth as u64))?;
                parameters = net.num_parameters();
                let steps = EPOCHS * rows.train[1].len().div_ceil(BATCH) as u64;
                let schedule = Schedule::cosine(steps);
                let optimizer = AdamW { lr: 3e-3, schedule, ..AdamW::default() }.init()?;
                let fit = rows.learn(net, optimizer, BATCH, EPOCHS, key)?;
                if let Some(last) = fit.history().last() {
                    right.push(100.0 * last.valid["accuracy"]);
                    losses += last.train["loss"] / STARTS as f64;
                }
                bar.inc(1);
            }
            let mean = right.iter().sum::<f64>() / right.len() as f64;
            let low = right.iter().copied().fold(f64::INFINITY, f64::min);
            let high = right.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let cells = [budget, depth, config.widths[1], parameters].map(|n| n.to_string());
            let percent = [mean, low, high].map(|value| format!("{value:.2} %"));
            table.row(cells.into_iter().chain([format!("{losses:.4}")]).chain(percent));
            experiment.figure(format!("accuracy_{budget}_{depth}"), mean / 100.0);
            means.push((depth as f64, mean));
            ranges.push([(depth as f64, low), (depth as f64, high)]);
        }
        chart.series(format!("{budget} parameters"), means, Mark::Both);
        let lows = ranges.iter().map(|range: &[_; 2]| range[0]);
        let outline = lows.chain(ranges.iter().rev().map(|range| range[1]));
        chart.series(format!("lowest and highest of {STARTS}"), outline, Mark::Faint);
    }
    bar.finish_and_clear();
    experiment.print(&table)?;
    experiment.picture("depth", &chart.to_svg()?)?;
    experiment.finish()
}

/// Weights of the size that deep rectifiers need: what is drawn by default fades in many layers.
fn begin(config: &MlpConfig, key: Key) -> Result<Mlp> {
    let keys = &mut Keys::from(key);
    let mut net = config.init(keys)?;
    for layer in &mut net.layers {
        let shape = layer.weight.shape().clone();
        layer.weight.set_value(kaiming_normal(shape, Fan::In, 2f64.sqrt(), keys.next_key())?)?;
        if let Some(bias) = &mut layer.bias {
            bias.set_value(bias.value().zeros_like())?;
        }
    }
    Ok(net)
}
