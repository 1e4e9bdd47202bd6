//! A constant rate, η/√(t+1), Adagrad and Adam, one example at a time.
//!
//! `cargo run --release --example decay`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::nn::loss::{Reduction, mse};
use gradus::optim::{Adagrad, Adam, Optimizer, Schedule, Sgd};
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Experiment, Nuclei};

type Make = fn(f64) -> gradus::optim::Result<Optimizer>;
/// The methods, as the formulas say.
const METHODS: [(&str, Make); 4] = [
    ("constant", |lr| Sgd { lr, ..Sgd::default() }.init()),
    ("decay", |lr| Sgd { lr, schedule: Schedule::InverseSqrt, ..Sgd::default() }.init()),
    ("Adagrad", |lr| Adagrad { lr, ..Adagrad::default() }.init()),
    ("Adam", |lr| Adam { lr, ..Adam::default() }.init()),
];
/// Each method is shown with the one that serves it best.
const RATES: [f64; 7] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0];
/// A loss this far above the lowest one counts as found.
const NEAR: f64 = 0.03;
const UPDATES: u64 = 20_000;
const EVERY: u64 = 40;
/// Looks of which the mean is drawn: single ones jump with the example of the last update.
const WINDOW: usize = 20;

/// A linear regression, and the lowest loss that it can have.
struct Problem {
    x: Tensor,
    y: Tensor,
    lowest: f64,
}

fn main() -> Result<()> {
    let about = "Four ways to let the learning rate change, one example at a time";
    let mut experiment = Experiment::begin("decay", about);
    let problem = problem()?;
    let title = "Loss above the lowest possible, one example an update, means of 800 updates";
    let mut chart = Chart::new(title, "update", "mean squared error − lowest");
    chart.y_scale = Scale::Log;
    let mut table = Table::new([
        "method",
        "best rate",
        "updates 2000 to 4000",
        "16000 to 20000",
        "rates that come within 0.03",
    ]);
    let bar = experiment.bar(METHODS.len() * RATES.len())?;
    for (name, make) in METHODS {
        bar.set_message(name);
        let mut runs = Vec::new();
        for rate in RATES {
            runs.push((rate, descend(&problem, make(rate)?, experiment.key())?));
            bar.inc(1);
        }
        // The end of a trembling walk is a matter of luck: the mean over its last fifth is not.
        let end = |losses: &[(f64, f64)]| mean(&losses[losses.len() * 4 / 5..]).1;
        let good = runs.iter().filter(|(_, losses)| end(losses) < NEAR).count();
        let Some((rate, losses)) = runs.into_iter().min_by(|a, b| end(&a.1).total_cmp(&end(&b.1)))
        else {
            continue;
        };
        let early = mean(&losses[losses.len() / 10..losses.len() / 5]).1;
        let cells = [rate.to_string(), format!("{early:.5}"), format!("{:.5}", end(&losses))];
        let last = [format!("{good} of {}", RATES.len())];
        table.row([name.to_owned()].into_iter().chain(cells).chain(last));
        let figure = name.to_lowercase();
        experiment.figure(format!("{figure}_rate"), rate);
        experiment.figure(format!("{figure}_end"), end(&losses));
        let label = if name == "decay" { "η/√(t+1)" } else { name };
        chart.series(format!("{label}, η = {rate}"), losses.chunks(WINDOW).map(mean), Mark::Line);
    }
    bar.finish_and_clear();
    experiment.print(&table)?;
    experiment.picture("decay", &chart.to_svg()?)?;
    experiment.finish()
}

/// The area of the largest nuclei from ten measures of the average one, all of mean 0 and deviation 1.
fn problem() -> Result<Problem> {
    let [x, y] = Nuclei::load()?.scaled()?;
    let lowest = x.matmul(&x.lstsq(&y)?)?.sub(&y)?.square()?.mean(..)?.item()?;
    Ok(Problem { x, y, lowest })
}

/// Updates from zero on one random row each: how far the loss over all rows lies above the lowest.
fn descend(problem: &Problem, mut optimizer: Optimizer, key: Key) -> Result<Vec<(f64, f64)>> {
    let Problem { x, y, lowest } = problem;
    let n = x.size(0)? as i64;
    let order = Tensor::randint(0, n, [UPDATES as usize], key)?.to_vec::<i64>()?;
    let mut w = vec![Param::new(Tensor::zeros([x.size(1)?, 1], DType::F64)?)];
    let mut losses = Vec::new();
    for update in 0..=UPDATES {
        if update % EVERY == 0 {
            let loss = x.matmul(w[0].value())?.sub(y)?.square()?.mean(..)?.item()?;
            losses.push((update as f64, loss - lowest));
        }
        let Some(&row) = order.get(update as usize) else { break };
        let [x, y] = [x, y].map(|t| t.narrow(0, row as usize, 1).map(Var::from));
        let loss = mse(&x?.matmul(&w[0].var())?, &y?, Reduction::Mean)?;
        if !loss.item()?.is_finite() || loss.item()? > 1e12 {
            losses.push((update as f64, f64::INFINITY));
            break;
        }
        optimizer.step(&mut w, &loss.backward()?)?;
    }
    Ok(losses)
}

/// The mean of some looks: at which update, and the loss.
fn mean(looks: &[(f64, f64)]) -> (f64, f64) {
    let of =
        |part: fn(&(f64, f64)) -> f64| looks.iter().map(part).sum::<f64>() / looks.len() as f64;
    (of(|look| look.0), of(|look| look.1))
}
