//! What makes a function hold on unseen data: L1, L2, dropout, early stopping, or nothing.
//!
//! `cargo run --release --example regularization`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::data::stratified_split;
use gradus::nn::{Activation, Dropout, Linear, Sequential};
use gradus::optim::Adam;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Digits, Experiment, Rows, reading_loss};

/// A way to keep a network calm, and the strengths of which the validation digits choose one.
const WAYS: [(&str, &[f64]); 5] = [
    ("none", &[0.0]),
    ("L1", &[1e-4, 3e-4, 1e-3]),
    ("L2", &[1e-4, 3e-4, 1e-3]),
    ("dropout", &[0.5, 0.7, 0.8]),
    ("early stopping", &[0.0]),
];
const STARTS: u64 = 5;
const EPOCHS: usize = 200;

/// Digits to learn from, to choose by, and to judge.
struct Parts {
    train: Rows,
    validation: Rows,
    test: Rows,
}

/// A training: the validation loss after each epoch, and the network's last figures.
struct Run {
    curve: Vec<f64>,
    /// The epoch that is judged, and there: training loss, test loss, test accuracy.
    epoch: usize,
    judged: [f64; 3],
}

fn main() -> Result<()> {
    let about = "Regularization on a network that has 100 digits to learn from";
    let mut experiment = Experiment::begin("regularization", about);
    let parts = parts(experiment.key())?;
    let title = "Loss on validation digits, first start";
    let mut chart = Chart::new(title, "epoch", "cross-entropy (nats)");
    chart.y_scale = Scale::Log;
    let header =
        ["regularization", "strength", "epoch", "training loss", "test loss", "test accuracy"];
    let mut table = Table::new(header);
    let bar = experiment.bar(WAYS.iter().map(|(_, strengths)| strengths.len()).sum())?;
    for (way, strengths) in WAYS {
        bar.set_message(way);
        let mut best: Option<(f64, f64, Vec<Run>)> = None;
        for &strength in strengths {
            let runs = (0..STARTS)
                .map(|start| learn(&parts, way, strength, experiment.key().fold_in(start)))
                .collect::<Result<Vec<_>>>()?;
            let chosen = mean(&runs, |run| run.curve[run.epoch]);
            if best.as_ref().is_none_or(|(least, ..)| chosen < *least) {
                best = Some((chosen, strength, runs));
            }
            bar.inc(1);
        }
        let Some((_, strength, runs)) = best else { continue };
        let [train, test, right] = [0, 1, 2].map(|i| mean(&runs, |run| run.judged[i]));
        let epoch = mean(&runs, |run| run.epoch as f64 + 1.0);
        let text = if strength == 0.0 { "–".to_owned() } else { strength.to_string() };
        let cells = [text, format!("{epoch:.0}"), format!("{train:.3}"), format!("{test:.3}")];
        let last = format!("{:.1} %", 100.0 * right);
        table.row([way.to_owned()].into_iter().chain(cells).chain([last]));
        let figure = way.to_lowercase().replace(' ', "_");
        experiment.figure(format!("{figure}_test_loss"), test);
        experiment.figure(format!("{figure}_test_accuracy"), right);
        // Until it stops, early stopping is the network without regularization.
        if way == "early stopping" {
            chart.series(
                "early stopping",
                [(runs[0].epoch as f64 + 1.0, runs[0].curve[runs[0].epoch])],
                Mark::Points,
            );
        } else {
            let points = runs[0].curve.iter().enumerate().map(|(i, loss)| (i as f64 + 1.0, *loss));
            chart.series(way, points, Mark::Line);
        }
    }
    bar.finish_and_clear();
    experiment.print(&table)?;
    experiment.picture("regularization", &chart.to_svg()?)?;
    experiment.finish()
}

fn parts(key: Key) -> Result<Parts> {
    let digits = Digits::small()?;
    let split = stratified_split(&digits.labels.to_vec::<i64>()?, [0.06, 0.24, 0.7], key)?;
    let [train, validation, test] = split.map(|part| -> Result<Rows> {
        let part = digits.select(&part)?;
        Ok([part.images()?.flatten(1, 3)?, part.labels])
    });
    Ok(Parts { train: train?, validation: validation?, test: test? })
}

/// Adam on all training digits at once, with one way of regularization.
fn learn(parts: &Parts, way: &str, strength: f64, key: Key) -> Result<Run> {
    let keys = &mut Keys::from(key);
    let mut net = Sequential::new()
        .with(Linear::new(64, 128, keys)?)
        .with(Activation::Relu)
        .with(Dropout::new(if way == "dropout" { strength } else { 0.0 })?)
        .with(Linear::new(128, 10, keys)?);
    let mut optimizer = Adam { lr: 0.01, ..Adam::default() }.init()?;
    let mut run = Run { curve: Vec::new(), epoch: 0, judged: [0.0; 3] };
    for epoch in 0..EPOCHS {
        let mut ctx = Ctx::train(key.fold_in(1).fold_in(epoch as u64));
        let mut loss = reading_loss(&net, &parts.train, &mut ctx)?.loss;
        for (_, weight) in net.named_parameters().into_iter().filter(|(_, p)| p.shape().rank() == 2)
        {
            let weight = weight.var();
            loss = match way {
                "L1" => loss.add(&weight.abs()?.sum(..)?.mul_scalar(strength)?)?,
                "L2" => loss.add(&weight.square()?.sum(..)?.mul_scalar(strength)?)?,
                _ => loss,
            };
        }
        optimizer.step(&mut net, &loss.backward()?)?;
        let look = |rows: &Rows| no_grad(|| reading_loss(&net, rows, &mut Ctx::eval()));
        run.curve.push(look(&parts.validation)?.loss.item()?);
        let is_judged = match way {
            "early stopping" => run.curve.iter().all(|loss| *loss >= run.curve[epoch]),
            _ => epoch + 1 == EPOCHS,
        };
        if is_judged {
            let (train, test) = (look(&parts.train)?, look(&parts.test)?);
            run.epoch = epoch;
            run.judged = [train.loss.item()?, test.loss.item()?, test.values()["accuracy"]];
        }
    }
    Ok(run)
}

fn mean(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / runs.len() as f64
}
