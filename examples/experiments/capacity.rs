//! Sets of functions too small, right and too large: underfitting and overfitting.
//!
//! `cargo run --release --example capacity`
#![forbid(unsafe_code)]

use std::f64::consts::PI;

use anyhow::Result;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus_examples::{Experiment, stacked};

/// Polynomials up to this degree, which passes through all points.
const MOST: usize = 14;
const POINTS: usize = 15;
const NOISE: f64 = 0.3;
/// Sets of points; of the errors, the median is shown.
const DRAWS: u64 = 100;
/// The degrees whose curves are drawn, for the first set.
const SHOWN: [usize; 3] = [1, 3, 14];

fn target(x: f64) -> f64 {
    (PI * x).sin()
}

fn main() -> Result<()> {
    let about = "Polynomials of growing degree on few noisy points: underfitting and overfitting";
    let mut experiment = Experiment::begin("capacity", about);
    let fresh_x = Tensor::linspace(-1.0, 1.0, 201, DType::F64)?;
    let x = Tensor::linspace(-1.0, 1.0, POINTS, DType::F64)?;
    let mut errors = vec![[Vec::new(), Vec::new()]; MOST + 1];
    let mut curves = Chart::new("Fifteen points, and polynomials through them", "x", "y");
    for draw in 0..DRAWS {
        let key = experiment.key().fold_in(draw);
        let y = noisy(&x, key.fold_in(0))?;
        let fresh_y = noisy(&fresh_x, key.fold_in(1))?;
        if draw == 0 {
            let shown = x.to_vec::<f64>()?.into_iter().zip(y.to_vec::<f64>()?);
            curves.series("points", shown, Mark::Points);
            let shown = fresh_x.to_vec::<f64>()?.into_iter().map(|x| (x, target(x)));
            curves.series("the truth", shown, Mark::Line);
        }
        for (degree, errors) in errors.iter_mut().enumerate() {
            let weights = legendre(&x, degree)?.lstsq(&y.reshape([POINTS, 1])?)?;
            let answers = |x: &Tensor| {
                legendre(x, degree)?.matmul(&weights)?.squeeze(1).map_err(anyhow::Error::from)
            };
            errors[0].push(gradus::train::rmse(&answers(&x)?, &y)?);
            errors[1].push(gradus::train::rmse(&answers(&fresh_x)?, &fresh_y)?);
            if draw == 0 && SHOWN.contains(&degree) {
                let curve = answers(&fresh_x)?.clamp(-3.0, 3.0)?.to_vec::<f64>()?;
                let points = fresh_x.to_vec::<f64>()?.into_iter().zip(curve);
                curves.series(format!("degree {degree}"), points, Mark::Line);
            }
        }
    }

    let medians: Vec<[f64; 2]> = errors.into_iter().map(|pair| pair.map(median)).collect();
    let mut table =
        Table::new(["degree", "parameters", "error on the points", "error on new points"]);
    for (degree, [seen, new]) in medians.iter().enumerate() {
        let cells = [degree.to_string(), (degree + 1).to_string()];
        table.row(cells.into_iter().chain([format!("{seen:.4}"), format!("{new:.4}")]));
        if [0, 1, 3, 5, 9, 13].contains(&degree) {
            experiment.figure(format!("seen_{degree}"), *seen);
            experiment.figure(format!("new_{degree}"), *new);
        }
    }
    let best = (0..=MOST).min_by(|&a, &b| medians[a][1].total_cmp(&medians[b][1])).unwrap_or(0);
    experiment.figure("best_degree", best as f64);
    let label = "root mean square error, median";
    let mut chart =
        Chart::new("Too small a set, and too large a one", "degree of the polynomial", label);
    chart.y_scale = Scale::Log;
    let side =
        |i: usize| medians.iter().enumerate().map(move |(degree, pair)| (degree as f64, pair[i]));
    // The last one passes through every point: its error is a rounding error.
    chart.series("on the fifteen points", side(0).take(MOST), Mark::Both);
    chart.series("on new points", side(1), Mark::Both);
    chart.series("the noise", [(0.0, NOISE), (MOST as f64, NOISE)], Mark::Faint);
    experiment.print(&table)?;
    experiment.picture("capacity", &stacked(&[chart, curves])?)?;
    experiment.finish()
}

/// The function with noise.
fn noisy(x: &Tensor, key: Key) -> Result<Tensor> {
    let truth: Vec<f64> = x.to_vec::<f64>()?.into_iter().map(target).collect();
    let noise = Tensor::normal(0.0, NOISE, x.shape(), DType::F64, key)?;
    Ok(Tensor::from_vec(truth, x.shape())?.add(&noise)?)
}

/// Legendre's polynomials up to a degree: `[N, degree + 1]`. They span the powers of x, and far
/// fewer digits are lost with them.
fn legendre(x: &Tensor, degree: usize) -> Result<Tensor> {
    let mut columns = vec![x.ones_like(), x.clone()];
    for n in 1..degree {
        let n_f64 = n as f64;
        let next = x.mul(&columns[n])?.mul_scalar(2.0 * n_f64 + 1.0)?;
        let next = next.sub(&columns[n - 1].mul_scalar(n_f64)?)?.div_scalar(n_f64 + 1.0)?;
        columns.push(next);
    }
    columns.truncate(degree + 1);
    Ok(Tensor::stack(&columns, 1)?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
