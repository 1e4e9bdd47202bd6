//! Samplers beside random search, at the same number of trials: medians over studies of what is left to the
//! minimum.
//!
//! `cargo run --release --example sampler_table`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use std::f64::consts::PI;
use std::thread;

use anyhow::Result;
use clap::Parser;
use gradus::prelude::*;
use gradus::search::{
    BoxError, Domain, LatinHypercube, Point, Random, RegularizedEvolution, RunConfig, Sampler,
    Sobol, Space, StudyConfig, Tpe, When,
};
use gradus::train::report::Table;

#[derive(Parser)]
#[command(about = "Samplers beside random search, at the same number of trials")]
struct Args {
    /// Trials of each study.
    #[arg(long, default_value_t = 100)]
    trials: u64,
    /// Studies of each sampler on each problem.
    #[arg(long, default_value_t = 31)]
    seeds: u64,
}

/// A sampler for so many trials.
type Make = fn(u64) -> Box<dyn Sampler>;

/// Something with a known minimum.
struct Problem {
    name: &'static str,
    space: Space,
    value: fn(&Point) -> Result<f64, BoxError>,
    minimum: f64,
}

fn main() -> Result<()> {
    let Args { trials, seeds } = Args::parse();
    let samplers: [(&str, Make); 5] = [
        ("random", |_| Box::new(Random)),
        ("Latin hypercube", |samples| Box::new(LatinHypercube { samples })),
        ("Sobol", |_| Box::new(Sobol)),
        ("regularised evolution", |_| Box::new(RegularizedEvolution::default())),
        ("TPE", |_| Box::new(Tpe::default())),
    ];
    for problem in [branin()?, hartmann()?, conditional()?] {
        println!("\n{}: above the minimum after {trials} trials, {seeds} studies", problem.name);
        let mut table =
            Table::new(["sampler", "median", "quarter", "three quarters", "beats random"]);
        let random = left(&problem, samplers[0].1, trials, seeds)?;
        for (name, sampler) in samplers {
            let found = left(&problem, sampler, trials, seeds)?;
            let wins = found.iter().zip(&random).filter(|(a, b)| a < b).count();
            let mut sorted = found;
            sorted.sort_by(f64::total_cmp);
            let at = |share: f64| format!("{:.4}", sorted[(share * (seeds - 1) as f64) as usize]);
            table.row([name.to_owned(), at(0.5), at(0.25), at(0.75), format!("{wins} of {seeds}")]);
        }
        print!("{table}");
    }
    Ok(())
}

/// What each study leaves between its best value and the minimum.
fn left(problem: &Problem, sampler: Make, trials: u64, seeds: u64) -> Result<Vec<f64>> {
    let study = |seed: u64| {
        let (key, sampler) = (Key::new(seed), sampler(trials));
        let config = StudyConfig { key, sampler, ..StudyConfig::new(problem.space.clone()) };
        let mut study = config.init()?;
        study.run(RunConfig::new(trials), |trial| (problem.value)(trial.point()))?;
        Ok(study.best().map_or(f64::NAN, |best| best.value - problem.minimum))
    };
    thread::scope(|scope| {
        let halves: Vec<_> = [0, 1]
            .map(|half| {
                scope.spawn(move || (0..seeds).filter(|s| s % 2 == half).map(study).collect())
            })
            .into_iter()
            .map(|thread| thread.join().expect("a study does not panic"))
            .collect::<Result<Vec<Vec<f64>>>>()?;
        // Back in the order of the seeds.
        Ok((0..seeds as usize).map(|s| halves[s % 2][s / 2]).collect())
    })
}

/// Two numbers and three minima (Dixon & Szegő 1978).
fn branin() -> Result<Problem> {
    let space = Space::builder("Branin")
        .with("x", Domain::float(-5.0, 10.0))
        .with("y", Domain::float(0.0, 15.0))
        .build()?;
    let value = |point: &Point| {
        let (x, y) = (point.float("x")?, point.float("y")?);
        let bent = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
        Ok(bent * bent + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0)
    };
    Ok(Problem { name: "Branin, 2 numbers", space, value, minimum: 0.397_887_357_729_738 })
}

/// Six numbers (Hartman 1973).
fn hartmann() -> Result<Problem> {
    let space = (0..6).fold(Space::builder("Hartmann-6"), |space, i| {
        space.with(format!("x{i}"), Domain::float(0.0, 1.0))
    });
    let value = |point: &Point| {
        const WEIGHTS: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
        const A: [[f64; 6]; 4] = [
            [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
            [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
            [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
            [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
        ];
        const P: [[f64; 6]; 4] = [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
            [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
            [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ];
        let mut sum = 0.0;
        for ((weight, a), p) in WEIGHTS.iter().zip(A).zip(P) {
            let mut square = 0.0;
            for (i, (a, p)) in a.iter().zip(p).enumerate() {
                square += a * (point.float(&format!("x{i}"))? - p).powi(2);
            }
            sum -= weight * (-square).exp();
        }
        Ok(sum)
    };
    Ok(Problem {
        name: "Hartmann, 6 numbers",
        space: space.build()?,
        value,
        minimum: -3.322_368_011_415_5,
    })
}

/// A made-up training: a depth, widths that it decides about, a choice of optimizer with rates of
/// their own. Its minimum is at depth 2, widths 32 and 64, "sgd", rate 0.1, momentum 0.9.
fn conditional() -> Result<Problem> {
    let space = Space::builder("conditional")
        .with("depth", Domain::int(1, 4))
        .with("width 1", Domain::log_int(4, 256))
        .with_when("width 2", Domain::log_int(4, 256), When::at_least("depth", 2))
        .with_when("width 3", Domain::log_int(4, 256), When::at_least("depth", 3))
        .with_when("width 4", Domain::log_int(4, 256), When::at_least("depth", 4))
        .with("optimizer", Domain::choice(["adamw", "sgd", "rmsprop"]))
        .with("rate", Domain::log_float(1e-5, 1.0))
        .with_when("momentum", Domain::float(0.0, 0.99), When::is("optimizer", ["sgd"]))
        .build()?;
    let value = |point: &Point| {
        let mut loss = [0.3, 0.0, 0.2, 0.4][point.size("depth")? - 1];
        for (name, best) in
            [("width 1", 32.0f64), ("width 2", 64.0), ("width 3", 32.0), ("width 4", 16.0)]
        {
            if let Ok(width) = point.size(name) {
                loss += 0.1 * (width as f64 / best).log2().powi(2);
            }
        }
        let (best, offset) = match point.choice("optimizer")? {
            "adamw" => (1e-3f64, 0.1),
            "sgd" => (1e-1, (point.float("momentum")? - 0.9).powi(2)),
            _ => (1e-3, 0.3),
        };
        Ok(loss + offset + 0.5 * (point.float("rate")? / best).log10().powi(2))
    };
    Ok(Problem { name: "conditional, 4 to 8 parameters", space, value, minimum: 0.0 })
}
