//! One hidden layer comes closer and closer to a function as it gets wider.
//!
//! `cargo run --release --example approximation`
#![forbid(unsafe_code)]

use std::f64::consts::PI;

use anyhow::Result;
use gradus::models::{Mlp, MlpConfig};
use gradus::nn::loss::{Reduction, mse};
use gradus::nn::{Activation, cast};
use gradus::optim::Lbfgs;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Experiment, stacked};

const WIDTHS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Drawn over the function.
const SHOWN: [usize; 3] = [2, 4, 16];
/// Starts per width, of which the best is kept: a search may end in a hollow.
const STARTS: u64 = 3;
const ITERATIONS: usize = 400;
const POINTS: usize = 201;

/// A wave on a bent floor with a corner at 0.
fn target(x: f64) -> f64 {
    (3.0 * PI * x).sin() * (1.0 - x.abs()) + x.abs()
}

fn main() -> Result<()> {
    let about = "One hidden layer approximates a function ever better with width";
    let mut experiment = Experiment::begin("approximation", about);
    let x = Tensor::linspace(-1.0, 1.0, POINTS, DType::F64)?.reshape([POINTS, 1])?;
    let xs = x.to_vec::<f64>()?;
    let ys: Vec<f64> = xs.iter().map(|&x| target(x)).collect();
    let y = Tensor::from_slice(&ys, [POINTS, 1])?;

    let mut curves = Chart::new("A function, and what a hidden layer makes of it", "x", "f(x)");
    curves.series("the function", xs.iter().copied().zip(ys.iter().copied()), Mark::Line);
    let mut errors = Vec::new();
    let mut table =
        Table::new(["hidden neurons", "parameters", "root mean square error", "largest error"]);
    let bar = experiment.bar(WIDTHS.len() * STARTS as usize)?;
    for width in WIDTHS {
        let mut best: Option<(f64, Mlp)> = None;
        for start in 0..STARTS {
            let key = experiment.key().fold_in(width as u64).fold_in(start);
            let (loss, net) = approximate(width, &x, &y, key)?;
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, net));
            }
            bar.inc(1);
        }
        let Some((loss, net)) = best else { continue };
        let answers = no_grad(|| net.forward(&Var::from(&x), &mut Ctx::eval()))?.into_value();
        let (rms, largest) = (loss.sqrt(), answers.sub(&y)?.abs()?.max(..)?.item()?);
        let cells = [width.to_string(), net.num_parameters().to_string()];
        table.row(cells.into_iter().chain([format!("{rms:.5}"), format!("{largest:.5}")]));
        experiment.figure(format!("rms_{width}"), rms);
        errors.push((width as f64, rms, largest));
        if SHOWN.contains(&width) {
            let points = xs.iter().copied().zip(answers.to_vec::<f64>()?);
            curves.series(format!("{width} neurons"), points, Mark::Line);
        }
    }
    bar.finish_and_clear();

    let mut chart = Chart::new("How far off it is", "neurons in the hidden layer", "error");
    (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
    chart.series("root mean square", errors.iter().map(|e| (e.0, e.1)), Mark::Both);
    chart.series("largest", errors.iter().map(|e| (e.0, e.2)), Mark::Both);
    experiment.print(&table)?;
    experiment.picture("approximation", &stacked(&[curves, chart])?)?;
    experiment.finish()
}

/// L-BFGS from one start: the mean squared error that it reaches, and the network.
fn approximate(width: usize, x: &Tensor, y: &Tensor, key: Key) -> Result<(f64, Mlp)> {
    let config = MlpConfig { activation: Activation::Tanh, ..MlpConfig::new([1, width, 1]) };
    let mut net = config.init(&mut Keys::from(key))?;
    cast(&mut net, DType::F64)?;
    // Steep enough that each neuron can bend within the interval.
    let first = &mut net.layers[0].weight;
    first.set_value(first.value().mul_scalar(10.0)?)?;
    if let Some(bias) = &mut net.layers[0].bias {
        bias.set_value(bias.value().mul_scalar(10.0)?)?;
    }
    let (x, y) = (Var::from(x), Var::from(y));
    let settings =
        Lbfgs { max_iter: ITERATIONS, max_eval: Some(2 * ITERATIONS), ..Lbfgs::default() };
    let info = settings.init()?.step(&mut net, |net: &Mlp| -> Result<Var> {
        Ok(mse(&net.forward(&x, &mut Ctx::eval())?, &y, Reduction::Mean)?)
    })?;
    Ok((info.final_loss, net))
}
