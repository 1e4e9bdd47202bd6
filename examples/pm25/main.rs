//! PM2.5 in Beijing, an hour ahead: a linear model, a perceptron and a GRU beside "it stays as it is".
//!
//! `cargo run --release --example pm25 -- --data pollution.csv` with the UCI set "Beijing PM2.5".
//! All models forecast the change from what was measured last. Scaling and imputation are learned from
//! the first 70 % of the hours, the best epoch is chosen on the next 10 %, and the last 20 % choose
//! nothing.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

mod gru_forecast;
mod hours;
mod invented;
mod learn;
mod series;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use gradus::models::{LinearRegression, MlpConfig};
use gradus::nn::{Flatten, Sequential};
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Table};
use gradus::train::rmse;
use gradus_examples::{data_file, print_json};

use crate::gru_forecast::GruForecast;
use crate::hours::Hours;
use crate::learn::{Learned, Pace, learn};
use crate::series::Series;

/// Hours that the models see.
const WINDOW: usize = 24;
const WEEK: usize = 7 * 24;

#[derive(Debug, Parser)]
#[command(about = "PM2.5 an hour ahead: linear, perceptron, GRU")]
struct Args {
    /// A table, or a folder with `pollution.csv`; without it, invented hours of known rules.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Seed of the initial values, the order of the batches, and the invented hours.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where the report and the picture of a week go.
    #[arg(long, value_name = "DIR", default_value = "target/pm25")]
    out: PathBuf,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let hours = match &args.data {
        Some(path) => Hours::read(&data_file(path, "pollution.csv"))?,
        None => {
            println!(
                "Invented hours, with noise of {} µg/m³ that no model can know.",
                invented::NOISE
            );
            Hours::parse(&invented::csv(8_760, args.seed)?)?
        }
    };
    let series = Series::new(&hours, WINDOW)?;
    let [train, valid, test] = &series.parts;
    let parts = [train, valid, test].map(Vec::len);
    println!("{} hours; to forecast: {parts:?} (training, validation, test)", hours.len());

    let all = models(&series, args.seed)?;
    let (table, figures) = compare(&hours, &series, &all)?;
    println!("\n{table}");
    let [_, _, gru] = all;
    report(&args, &hours, test, gru, &table)?;
    if args.json {
        print_json(&figures)?;
    }
    Ok(())
}

/// A linear model, a perceptron and a GRU, each with the pace that did best on the validation part.
fn models(series: &Series, seed: u64) -> Result<[Learned; 3]> {
    let (key, keys) = (Key::new(seed), &mut Keys::new(seed));
    let inputs = WINDOW * series.n_features;
    let linear = LinearRegression::new(inputs, 1, keys)?;
    let linear = Sequential::new().with(Flatten).with(linear);
    let mlp = MlpConfig::new([inputs, 64, 32, 1]).init(keys)?;
    let mlp = Sequential::new().with(Flatten).with(mlp);
    let gru = GruForecast::new(series.n_features, 64, keys)?;
    let pace = Pace { epochs: 10, lr: 5e-4, weight_decay: 0.05 };
    Ok([
        learn(linear, series, pace, key)?,
        learn(mlp, series, pace, key)?,
        learn(gru, series, Pace { lr: 4e-3, ..pace }, key)?,
    ])
}

type Figures = Vec<(&'static str, f64)>;

/// All errors in µg/m³, as a table and by name.
fn compare(hours: &Hours, series: &Series, all: &[Learned; 3]) -> Result<(Table, Figures)> {
    let [_, valid, test] = &series.parts;
    let stays = |at: &[usize]| error(hours, at, &vec![0.0; at.len()]);
    let (stays_valid, stays_test) = (stays(valid)?, stays(test)?);
    let mut table = Table::new(["model", "RMSE on validation", "RMSE on test", "seconds"]);
    table.row(["persistence".to_owned(), two(stays_valid), two(stays_test)]);
    let mut figures = vec![("rmse_persistence", stays_test)];
    for (figure, learned) in ["rmse_linear", "rmse_mlp", "rmse_gru"].into_iter().zip(all) {
        let rmse = error(hours, test, &learned.changes)?;
        let name = figure.trim_start_matches("rmse_").to_owned();
        table.row([name, two(learned.valid), two(rmse), format!("{:.1}", learned.seconds)]);
        figures.push((figure, rmse));
    }
    Ok((table, figures))
}

fn two(figure: f64) -> String {
    format!("{figure:.2}")
}

/// RMSE of forecast changes of some hours. The level before them is known, so it is that of the
/// forecast levels, too.
fn error(hours: &Hours, at: &[usize], changes: &[f64]) -> Result<f64> {
    let truth: Vec<f64> = at.iter().map(|&hour| hours.change[hour]).collect();
    Ok(rmse(&Tensor::from(changes), &Tensor::from(truth))?)
}

/// The training of the GRU, all errors, and the week in the middle of the test part as a picture.
fn report(args: &Args, hours: &Hours, test: &[usize], gru: Learned, table: &Table) -> Result<()> {
    let from = test[test.len() / 2];
    let week =
        test.iter().zip(&gru.changes).filter(|(hour, _)| (from..from + WEEK).contains(*hour));
    let week: Vec<(usize, f64)> = week.map(|(&hour, &change)| (hour, change)).collect();
    let title = "A week of the test part, each hour forecast an hour before";
    let mut chart = Chart::new(title, "hour", "PM2.5 in µg/m³");
    let x = |hour: usize| (hour - from) as f64;
    chart.series("measured", week.iter().map(|w| (x(w.0), hours.measured[w.0])), Mark::Line);
    let forecast = week.iter().map(|&(hour, change)| (x(hour), hours.last[hour - 1] + change));
    chart.series("GRU", forecast, Mark::Line);

    std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let picture = args.out.join("week.svg");
    std::fs::write(&picture, chart.to_svg()?).with_context(|| picture.display().to_string())?;
    let mut page = gru.report;
    page.heading("Errors in µg/m³").table(table).heading("A week").chart(&chart)?;
    let path = args.out.join("report.html");
    page.save(&path)?;
    println!("report: {}, picture: {}", path.display(), picture.display());
    Ok(())
}
