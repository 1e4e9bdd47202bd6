//! A deep network of sigmoids from four beginnings: small random values, a stack of Boltzmann
//! machines, random values of the right size; and what is done today, rectifiers.
//!
//! `cargo run --release --example initialization`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset};
use gradus::models::{DeepBelief, Mlp, MlpConfig, VisibleUnits};
use gradus::nn::{Activation, Linear, init};
use gradus::optim::Sgd;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{DigitRows, Digits, Experiment};

/// Five hidden layers.
const WIDTHS: [usize; 7] = [64, 64, 64, 64, 64, 64, 10];
const WAYS: [&str; 4] = ["random", "deep belief", "right size", "rectifiers"];
/// Each beginning is shown with the rate that serves it best.
const RATES: [f64; 3] = [0.03, 0.1, 0.3];
const EPOCHS: u64 = 40;
const BATCH: usize = 32;
/// Of each Boltzmann machine.
const PASSES: u64 = 15;

fn main() -> Result<()> {
    let about = "A deep network of sigmoids from different beginnings";
    let mut experiment = Experiment::begin("initialization", about);
    let rows = DigitRows::split(&Digits::small()?, experiment.key())?;
    let title = "Five hidden layers: loss on the digits that are learned from";
    let mut chart = Chart::new(title, "epoch", "cross-entropy (nats)");
    chart.y_scale = Scale::Log;
    let header = [
        "beginning",
        "best rate",
        "gradient, first layer / last",
        "training loss",
        "held-out accuracy",
    ];
    let mut table = Table::new(header);
    let bar = experiment.bar(WAYS.len() * RATES.len())?;
    for way in WAYS {
        bar.set_message(way);
        let start = begin(way, &rows, experiment.key())?;
        let ratio = gradient_ratio(&start, &rows)?;
        let mut best: Option<(f64, Vec<f64>, f64)> = None;
        for rate in RATES {
            let optimizer = Sgd { lr: rate, momentum: 0.9, ..Sgd::default() }.init()?;
            bar.inc(1);
            // A rate that is too large for a beginning ends in a loss that is not finite.
            let Ok(fit) = rows.learn(start.clone(), optimizer, BATCH, EPOCHS, experiment.key())
            else {
                continue;
            };
            let curve: Vec<f64> = fit.history().epochs.iter().map(|e| e.train["loss"]).collect();
            let right = fit.history().last().map_or(0.0, |e| e.valid["accuracy"]);
            if best.as_ref().is_none_or(|(_, least, _)| curve.last() < least.last()) {
                best = Some((rate, curve, right));
            }
        }
        let Some((rate, curve, right)) = best else { continue };
        let last = curve.last().copied().unwrap_or(f64::NAN);
        table.row([
            way.to_owned(),
            rate.to_string(),
            format!("{ratio:.1e}"),
            format!("{last:.4}"),
            format!("{:.2} %", 100.0 * right),
        ]);
        let figure = way.replace(' ', "_");
        experiment.figure(format!("{figure}_gradient_ratio"), ratio);
        experiment.figure(format!("{figure}_loss"), last);
        experiment.figure(format!("{figure}_accuracy"), right);
        let points = curve.iter().enumerate().map(|(i, loss)| (i as f64 + 1.0, *loss));
        chart.series(way, points, Mark::Line);
    }
    bar.finish_and_clear();
    experiment.print(&table)?;
    experiment.picture("initialization", &chart.to_svg()?)?;
    experiment.finish()
}

/// The network before the first update.
fn begin(way: &str, rows: &DigitRows, key: Key) -> Result<Mlp> {
    let keys = &mut Keys::from(key);
    if way == "deep belief" {
        return pretrain(rows, keys);
    }
    let activation = if way == "rectifiers" { Activation::Relu } else { Activation::Sigmoid };
    let mut net = MlpConfig { activation, ..MlpConfig::new(WIDTHS) }.init(keys)?;
    let last = net.layers.len() - 1;
    for (i, Linear { weight, bias, .. }) in net.layers.iter_mut().enumerate() {
        let (shape, key) = (weight.shape().clone(), keys.next_key());
        let drawn = match way {
            "random" => init::normal(shape, 0.0, 0.1, key)?,
            "rectifiers" => init::kaiming_normal(shape, init::Fan::In, 2f64.sqrt(), key)?,
            // σ has slope ¼ at 0: four times Glorot's size, but for the layer without a σ.
            _ => init::xavier_normal(shape, if i == last { 1.0 } else { 4.0 }, key)?,
        };
        if let Some(bias) = bias {
            // What comes out of σ has mean ½, not 0: its share of every sum is taken away.
            let is_centred = way == "right size" && i > 0;
            let share = drawn.sum(1)?.mul_scalar(if is_centred { -0.5 } else { 0.0 })?;
            bias.set_value(share)?;
        }
        weight.set_value(drawn)?;
    }
    Ok(net)
}

/// A stack of Boltzmann machines that have seen the digits, but no class, as a network.
fn pretrain(rows: &DigitRows, keys: &mut Keys) -> Result<Mlp> {
    let mut stack = DeepBelief::new(&WIDTHS[..6], VisibleUnits::Bernoulli, keys)?;
    let data = TensorDataset::new([rows.train[0].clone()])?;
    let shuffle = Shuffle::Keyed(keys.next_key());
    let batches = Loader::new(data, LoaderConfig { shuffle, ..LoaderConfig::new(BATCH) })?;
    for layer in 0..stack.layers.len() {
        let mut optimizer = Sgd { lr: 0.1, momentum: 0.5, ..Sgd::default() }.init()?;
        for epoch in 0..PASSES {
            for batch in batches.epoch(epoch) {
                let [batch] = batch?;
                let grads = stack.loss(layer, &batch, 1, keys.next_key())?.backward()?;
                optimizer.step(&mut stack.layers[layer], &grads)?;
            }
        }
    }
    Ok(stack.into_mlp(10, keys)?)
}

/// How large the gradient of the first layer's weights is beside that of the last layer's.
fn gradient_ratio(net: &Mlp, rows: &DigitRows) -> Result<f64> {
    let grads =
        gradus_examples::reading_loss(net, &rows.train, &mut Ctx::eval())?.loss.backward()?;
    let size = |layer: usize| -> Result<f64> {
        let grad = grads.get(&net.layers[layer].weight);
        Ok(grad.map_or(Ok(0.0), |g| g.square()?.mean(..)?.item())?.sqrt())
    };
    Ok(size(0)? / size(net.layers.len() - 1)?)
}
