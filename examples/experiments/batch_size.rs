//! One example an update, or all of them: against updates, and against seconds.
//!
//! `cargo run --release --example batch_size`
#![forbid(unsafe_code)]

use std::time::Instant;

use anyhow::Result;
use gradus::models::MlpConfig;
use gradus::optim::Sgd;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{DigitRows, Digits, Experiment, Rows, reading_loss};

/// Examples an update, and the most epochs that it gets; the last is all of them.
const SIZES: [(usize, usize); 4] = [(1, 6), (8, 20), (64, 80), (usize::MAX, 1500)];
/// Each size is shown with the one that serves it best.
const RATES: [f64; 5] = [0.01, 0.03, 0.1, 0.3, 1.0];
const GOAL: f64 = 0.1;

/// The loss over all training digits at some moments of a descent.
struct Descent {
    rate: f64,
    /// Updates, seconds, loss.
    looks: Vec<(f64, f64, f64)>,
}

impl Descent {
    fn goal(&self) -> Option<&(f64, f64, f64)> {
        self.looks.iter().find(|look| look.2 <= GOAL)
    }
}

fn main() -> Result<()> {
    let about = "Batches of one example to all of them, against updates and against seconds";
    let mut experiment = Experiment::begin("batch_size", about);
    let rows = DigitRows::split(&Digits::small()?, experiment.key())?;
    let n = rows.train[1].len();
    let label = "cross-entropy (nats)";
    let mut by_updates =
        Chart::new("Loss over all training digits, against updates", "update", label);
    let mut by_seconds =
        Chart::new("The same descents, against seconds (of the median update)", "seconds", label);
    for chart in [&mut by_updates, &mut by_seconds] {
        (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
    }
    let header =
        ["batch", "best rate", "updates to loss 0.1", "epochs to it", "seconds to it", "last loss"];
    let mut table = Table::new(header);
    let bar = experiment.bar(SIZES.len() * RATES.len())?;
    for (size, epochs) in SIZES.map(|(size, epochs)| (size.min(n), epochs)) {
        let mut best: Option<Descent> = None;
        for rate in RATES {
            let descent = descend(&rows, size, epochs, rate, experiment.key())?;
            let updates = |d: &Descent| d.goal().map_or(f64::INFINITY, |look| look.0);
            if best.as_ref().is_none_or(|best| updates(&descent) < updates(best)) {
                best = Some(descent);
            }
            bar.inc(1);
        }
        let Some(best) = best else { continue };
        let last = best.looks.last().map_or(f64::NAN, |look| look.2);
        let goal = best.goal().copied().unwrap_or((f64::NAN, f64::NAN, last));
        let name = if size == n { "all".to_owned() } else { size.to_string() };
        table.row([
            name.clone(),
            best.rate.to_string(),
            goal.0.to_string(),
            format!("{:.1}", goal.0 * size as f64 / n as f64),
            format!("{:.2}", goal.1),
            format!("{last:.4}"),
        ]);
        experiment.figure(format!("updates_{name}"), goal.0);
        experiment.figure(format!("epochs_{name}"), goal.0 * size as f64 / n as f64);
        let points = |x: fn(&(f64, f64, f64)) -> f64| best.looks.iter().map(move |l| (x(l), l.2));
        by_updates.series(format!("batch of {name}"), points(|look| look.0), Mark::Line);
        by_seconds.series(format!("batch of {name}"), points(|look| look.1), Mark::Line);
    }
    bar.finish_and_clear();
    experiment.print(&table)?;
    experiment.picture("batch_size", &by_updates.to_svg()?)?;
    experiment.picture("batch_size_seconds", &by_seconds.to_svg()?)?;
    experiment.finish()
}

/// Plain descent on shuffled batches. Its seconds are those of the median update for each, so that
/// neither the looks at the loss nor what else the machine does are counted.
fn descend(rows: &DigitRows, size: usize, epochs: usize, rate: f64, key: Key) -> Result<Descent> {
    let mut net = MlpConfig::new([64, 32, 10]).init(&mut Keys::from(key))?;
    let mut optimizer = Sgd { lr: rate, ..Sgd::default() }.init()?;
    let n = rows.train[1].len();
    let mut descent = Descent { rate, looks: Vec::new() };
    let (mut seconds, mut next) = (Vec::new(), 1.0);
    for epoch in 0..epochs as u64 {
        let order = Tensor::randperm(n, key.fold_in(epoch))?;
        for start in (0..n).step_by(size) {
            let began = Instant::now();
            let picked = order.narrow(0, start, size.min(n - start))?;
            let batch = pick(&rows.train, &picked)?;
            let score = reading_loss(&net, &batch, &mut Ctx::eval())?;
            optimizer.step(&mut net, &score.loss.backward()?)?;
            seconds.push(began.elapsed().as_secs_f64());
            let updates = seconds.len() as f64;
            // Looks are spaced evenly on the chart's axis, fifteen for each factor of ten.
            if updates >= next {
                next = (next * 10f64.powf(1.0 / 15.0)).max(updates + 1.0);
                let score = no_grad(|| reading_loss(&net, &rows.train, &mut Ctx::eval()));
                let loss = score?.loss.item()?;
                descent.looks.push((updates, 0.0, loss));
            }
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    descent.looks.iter_mut().for_each(|look| look.1 = look.0 * median);
    Ok(descent)
}

fn pick([x, y]: &Rows, picked: &Tensor) -> Result<Rows> {
    Ok([x.index_select(0, picked)?, y.index_select(0, picked)?])
}
