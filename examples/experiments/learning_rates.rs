//! Learning rates too small, right, large and too large, on a loss whose limit is known.
//!
//! Descent on a squared loss converges for rates below 2/λ, where λ is the largest curvature, and
//! only for these. So the rates are shares of that limit.
//!
//! `cargo run --release --example learning_rates`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::nn::loss::{Reduction, mse};
use gradus::optim::Sgd;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Experiment, Nuclei};

/// Names, and shares of the limit.
const RATES: [(&str, f64); 4] =
    [("too small", 0.003), ("right", 0.6), ("large", 0.999), ("too large", 1.05)];
const UPDATES: usize = 200;
/// What is higher leaves the chart.
const CEILING: f64 = 10.0;

fn main() -> Result<()> {
    let about = "The loss of a linear regression under four learning rates";
    let mut experiment = Experiment::begin("learning_rates", about);
    let [x, y] = Nuclei::load()?.scaled()?;
    let hessian = x.t()?.matmul(&x)?.mul_scalar(2.0 / x.size(0)? as f64)?;
    let limit = 2.0 / hessian.eigh()?.0.max(..)?.item()?;
    let lowest = x.matmul(&x.lstsq(&y)?)?.sub(&y)?.square()?.mean(..)?.item()?;

    let title = "Gradient descent on the same loss, from the same start";
    let mut chart = Chart::new(title, "update", "mean squared error");
    chart.y_scale = Scale::Log;
    let header = ["learning rate", "share of the limit", "after 10", "after 50", "after 200"];
    let mut table = Table::new(["", header[0], header[1], header[2], header[3], header[4]]);
    for (name, share) in RATES {
        let losses = descend(&x, &y, share * limit)?;
        let after = [10, 50, UPDATES].map(|updates| losses[updates]);
        let cells =
            after.map(|loss| if loss < 1e3 { format!("{loss:.4}") } else { format!("{loss:.1e}") });
        let first = [name.to_owned(), format!("{:.5}", share * limit), share.to_string()];
        table.row(first.into_iter().chain(cells));
        experiment.figure(format!("{}_after_200", name.replace(' ', "_")), losses[UPDATES]);
        let points = losses.iter().enumerate().map(|(update, &loss)| (update as f64, loss));
        let label = format!("{name}: {share} of the limit");
        chart.series(label, points.take_while(|point| point.1 < CEILING), Mark::Line);
    }
    let ends = [(0.0, lowest), (UPDATES as f64, lowest)];
    chart.series("the lowest there is", ends, Mark::Faint);
    experiment.figure("limit", limit);
    experiment.figure("lowest", lowest);
    experiment.print(&table)?;
    experiment.print(format_args!("the limit is {limit:.5}, the lowest loss {lowest:.4}"))?;
    experiment.picture("learning_rates", &chart.to_svg()?)?;
    experiment.finish()
}

/// The loss before each update, from zero, and after the last.
fn descend(x: &Tensor, y: &Tensor, rate: f64) -> Result<Vec<f64>> {
    let mut w = vec![Param::new(Tensor::zeros([x.size(1)?, 1], DType::F64)?)];
    let mut optimizer = Sgd { lr: rate, ..Sgd::default() }.init()?;
    let (x, y) = (Var::from(x), Var::from(y));
    let mut losses = Vec::new();
    for _ in 0..=UPDATES {
        let loss = mse(&x.matmul(&w[0].var())?, &y, Reduction::Mean)?;
        losses.push(loss.item()?);
        optimizer.step(&mut w, &loss.backward()?)?;
    }
    Ok(losses)
}
