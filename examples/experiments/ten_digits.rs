//! 16×16 pixels in, ten probabilities out.
//!
//! `cargo run --release --example ten_digits`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::data::{Interpolation, resize};
use gradus::models::{Mlp, MlpConfig};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::report::Table;
use gradus_examples::{DigitRows, Digits, Experiment, Ink, Plane, planes};

const SIDE: usize = 16;
const EPOCHS: u64 = 30;
const BATCH: usize = 32;
const SHOWN: usize = 5;

fn main() -> Result<()> {
    let about = "16×16 pixels in, ten probabilities that sum to one out";
    let mut experiment = Experiment::begin("ten_digits", about);
    let mut digits = Digits::small()?;
    // The digits in the crate are 8×8; between their pixels lies nothing but what is interpolated.
    let large =
        resize(&digits.pixels.to_dtype(DType::F32)?, [SIDE, SIDE], Interpolation::Bilinear)?;
    digits.pixels = large.round()?.to_dtype(DType::I64)?;
    let rows = DigitRows::split(&digits, experiment.key())?;

    let net =
        MlpConfig::new([SIDE * SIDE, 100, 100, 10]).init(&mut Keys::from(experiment.key()))?;
    let parameters = net.num_parameters();
    let schedule = Schedule::cosine(EPOCHS * rows.train[1].len().div_ceil(BATCH) as u64);
    let optimizer = AdamW { lr: 3e-3, schedule, ..AdamW::default() }.init()?;
    let fit = rows.learn(net, optimizer, BATCH, EPOCHS, experiment.key())?;
    let accuracy = fit.history().last().map_or(f64::NAN, |epoch| epoch.valid["accuracy"]);

    let probabilities = probabilities(fit.model(), &rows.held_out[0])?;
    let sums = probabilities.sum(1)?.sub_scalar(1.0)?.abs()?.max(..)?.item()?;
    experiment.print(format_args!(
        "{} inputs, two hidden layers of 100, 10 outputs: {parameters} parameters\n\
         held-out digits read right: {:.2} % of {}\n\
         largest distance of a sum of ten probabilities from 1: {sums:.1e}\n",
        SIDE * SIDE,
        100.0 * accuracy,
        rows.held_out[1].len()
    ))?;
    experiment.figure("parameters", parameters as f64);
    experiment.figure("accuracy", accuracy);
    experiment.figure("distance_of_sums_from_1", sums);
    show(&mut experiment, &rows, &probabilities)?;
    experiment.finish()
}

/// Ten probabilities of every row, in f64.
fn probabilities(net: &Mlp, x: &Tensor) -> Result<Tensor> {
    let logits = no_grad(|| net.forward(&Var::from(x), &mut Ctx::eval()))?.into_value();
    Ok(logits.to_dtype(DType::F64)?.softmax(-1)?)
}

/// The held-out digits of which the network is least sure, and one of which it is sure.
fn show(experiment: &mut Experiment, rows: &DigitRows, probabilities: &Tensor) -> Result<()> {
    let labels = rows.held_out[1].to_vec::<i64>()?;
    let sure = probabilities.max(1)?.to_vec::<f64>()?;
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| sure[a].total_cmp(&sure[b]));
    let mut shown = vec![order[order.len() - 1]];
    shown.extend(&order[..SHOWN - 1]);

    let names = (0..10).map(|digit: i32| digit.to_string());
    let mut table =
        Table::new(std::iter::once("the digit is a".to_owned()).chain(names).chain(["sum".into()]));
    let (mut pictures, mut bars) = (Vec::new(), Vec::new());
    for i in shown {
        let p = probabilities.select(0, i)?.to_vec::<f64>()?;
        let sum: f64 = p.iter().sum();
        let cells = p.iter().map(|p| format!("{p:.4}")).chain([format!("{sum:.4}")]);
        table.row(std::iter::once(labels[i].to_string()).chain(cells));
        pictures.push(pixels(&rows.held_out[0].select(0, i)?, labels[i])?);
        bars.push(bar_plane(&p, labels[i]));
    }
    experiment.figure("least_sure", sure[order[0]]);
    experiment.figure("most_sure", sure[order[order.len() - 1]]);
    experiment.print(&table)?;
    let title = "A sure case, the four least sure ones, and their ten probabilities";
    experiment.picture("ten_digits", &planes(title, &[(340, pictures), (340, bars)])?)
}

fn pixels(row: &Tensor, label: i64) -> Result<Plane> {
    let side = SIDE as f64;
    let mut plane = Plane::new(format!("a {label}"), ["", ""], [-0.8, side + 0.8], [0.0, side]);
    for (i, level) in row.to_vec::<f32>()?.into_iter().enumerate() {
        let (x, y) = ((i % SIDE) as f64, side - 1.0 - (i / SIDE) as f64);
        plane.rect([(x, y), (x + 1.0, y + 1.0)], Ink::Level(f64::from(level)));
    }
    Ok(plane)
}

/// A bar for every class; the true one is orange.
fn bar_plane(p: &[f64], label: i64) -> Plane {
    let mut plane = Plane::new("", ["class", "probability"], [-0.7, 9.7], [0.0, 1.0]);
    for (class, &p) in p.iter().enumerate() {
        let x = class as f64;
        let ink = if class as i64 == label { Ink::Orange } else { Ink::Blue };
        plane.rect([(x - 0.4, 0.0), (x + 0.4, p)], ink);
    }
    plane
}
