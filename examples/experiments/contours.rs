//! Descent on the contours of a loss, with features as measured and with scaled ones.
//!
//! `cargo run --release --example contours`
#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use gradus::data::{Fit, StandardScalerConfig, TrainRows, Transform};
use gradus::nn::loss::{Reduction, mse};
use gradus::optim::Sgd;
use gradus::prelude::*;
use gradus::train::report::Table;
use gradus_examples::{Experiment, Ink, Nuclei, Plane, planes};

/// Two measures of different size that say different things.
const FEATURES: [&str; 2] = ["mean perimeter", "mean texture"];
const MOST_STEPS: usize = 2000;
/// A descent has arrived when its loss lies above the lowest by this share of the first one.
const NEAR: f64 = 1e-3;
const SIDE: usize = 81;

/// A descent on y = w₁x₁ + w₂x₂, and the landscape around it.
struct Descent {
    /// w before each step, and after the last.
    path: Vec<(f64, f64)>,
    steps: usize,
    rate: f64,
    lowest: (f64, f64),
    /// The largest curvature over the smallest.
    condition: f64,
}

fn main() -> Result<()> {
    let about = "Descent paths on the contours of a loss, with and without feature scaling";
    let mut experiment = Experiment::begin("contours", about);
    let nuclei = Nuclei::load()?;
    let columns = FEATURES.map(|name| nuclei.names.iter().position(|n| n == name));
    let [first, second] = columns.map(|column| column.context("a measure is missing"));
    let measured = Tensor::cat(
        &[nuclei.features.narrow(1, first?, 1)?, nuclei.features.narrow(1, second?, 1)?],
        1,
    )?;
    let scaled = |t: &Tensor| -> Result<Tensor> {
        Ok(StandardScalerConfig::default().fit(&TrainRows::whole(t))?.transform(t)?)
    };
    let y = scaled(&nuclei.largest_area)?;
    // Without an offset in the model, what is measured has mean 0 at least.
    let centred = measured.sub(&measured.mean_keepdim(0)?)?;

    let mut table =
        Table::new(["features", "curvatures, ratio", "best rate", "steps to the bottom"]);
    let mut pictures = Vec::new();
    for (name, x) in [("as measured", centred), ("scaled", scaled(&measured)?)] {
        let descent = descend(&x, &y)?;
        let figure = name.replace(' ', "_");
        experiment.figure(format!("steps_{figure}"), descent.steps as f64);
        experiment.figure(format!("condition_{figure}"), descent.condition);
        let (ratio, rate) = (format!("{:.1}", descent.condition), format!("{:.2e}", descent.rate));
        table.row([name, &ratio, &rate, &descent.steps.to_string()]);
        pictures.push(picture(name, &descent, &x, &y)?);
    }
    experiment.print(&table)?;
    let title = "Lines of equal loss, and the way down with the best constant rate";
    experiment.picture("contours", &planes(title, &[(760, pictures)])?)?;
    experiment.finish()
}

fn loss(x: &Tensor, y: &Tensor, w: &Param) -> Result<Var> {
    Ok(mse(&Var::from(x).matmul(&w.var())?, &Var::from(y), Reduction::Mean)?)
}

/// Gradient descent with the constant rate that is best for these curvatures.
fn descend(x: &Tensor, y: &Tensor) -> Result<Descent> {
    let hessian = x.t()?.matmul(x)?.mul_scalar(2.0 / x.size(0)? as f64)?;
    let curvatures = hessian.eigh()?.0.to_vec::<f64>()?;
    let rate = 2.0 / (curvatures[0] + curvatures[1]);
    let best = Param::new(x.lstsq(y)?);
    let lowest = loss(x, y, &best)?.item()?;
    let best = place(&best)?;

    // Both features start off by as much as their deviation makes of it: the same functions.
    let deviation = x.square()?.mean(0)?.sqrt()?.to_vec::<f64>()?;
    let start = [best.0 + 1.2 / deviation[0], best.1 + 1.0 / deviation[1]];
    let mut w = vec![Param::new(Tensor::from_slice(&start, [2, 1])?)];
    let mut optimizer = Sgd { lr: rate, ..Sgd::default() }.init()?;
    let goal = lowest + NEAR * (loss(x, y, &w[0])?.item()? - lowest);
    let mut path = vec![place(&w[0])?];
    while path.len() <= MOST_STEPS {
        let loss = loss(x, y, &w[0])?;
        if loss.item()? <= goal {
            break;
        }
        optimizer.step(&mut w, &loss.backward()?)?;
        path.push(place(&w[0])?);
    }
    let condition = curvatures[1] / curvatures[0];
    Ok(Descent { steps: path.len() - 1, path, rate, lowest: best, condition })
}

fn place(w: &Param) -> Result<(f64, f64)> {
    let w = w.value().to_vec::<f64>()?;
    Ok((w[0], w[1]))
}

/// The landscape in units of w, as wide in both directions: as steep as it is.
fn picture(name: &str, descent: &Descent, x: &Tensor, y: &Tensor) -> Result<Plane> {
    let reach = descent.path.iter().fold(0.0_f64, |reach, w| {
        reach.max((w.0 - descent.lowest.0).abs()).max((w.1 - descent.lowest.1).abs())
    });
    let range = |middle: f64| [middle - 1.2 * reach, middle + 1.2 * reach];
    let title = format!("{name}: {} steps", descent.steps);
    let labels = ["w of the perimeter", "w of the texture"];
    let mut plane = Plane::new(title, labels, range(descent.lowest.0), range(descent.lowest.1));
    let places = plane.grid(SIDE)?.t()?.contiguous();
    let heights = x.matmul(&places)?.sub(y)?.square()?.mean(0)?;
    let low = heights.min(..)?.item()?;
    let high = heights.max(..)?.item()?;
    let levels: Vec<f64> =
        (1..=12).map(|i| low + (high - low) * (f64::from(i) / 13.0).powi(2)).collect();
    plane.contours(SIDE, &heights, &levels, Ink::Grey)?;
    plane.line(descent.path.clone(), Ink::Orange, 3);
    for &w in &descent.path {
        plane.dot(w, Ink::Orange, 5);
    }
    plane.dot(descent.lowest, Ink::Blue, 9);
    Ok(plane)
}
