//! Problems with known minima.

use gradus_core::Key;
use gradus_search::{
    BoxError, Domain, Point, Random, RegularizedEvolution, RunConfig, Sampler, Space, StudyConfig,
    Tpe, Trial, When,
};

/// Two numbers; three minima of 0.397887.
pub(crate) fn branin_space() -> Space {
    let space = Space::builder("Branin");
    space.with("x", Domain::float(-5.0, 10.0)).with("y", Domain::float(0.0, 15.0)).build().unwrap()
}

pub(crate) fn branin(point: &Point) -> Result<f64, BoxError> {
    use std::f64::consts::PI;
    let (x, y) = (point.float("x")?, point.float("y")?);
    let bent = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    Ok(bent * bent + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0)
}

/// Every kind of parameter, and conditions.
pub(crate) fn mixed_space() -> Space {
    Space::builder("mixed")
        .with("depth", Domain::int(1, 3))
        .with("width", Domain::stepped(8, 64, 8))
        .with("units", Domain::log_int(1, 100))
        .with("rate", Domain::log_float(1e-4, 1.0))
        .with("optimizer", Domain::choice(["sgd", "adamw"]))
        .with_when("momentum", Domain::float(0.0, 0.99), When::is("optimizer", ["sgd"]))
        .with_when("second", Domain::choice(["a", "b"]), When::at_least("depth", 2))
        .build()
        .unwrap()
}

/// A course of nine reports, as of a training, that gets better the nearer the point is to a place
/// and the longer it goes.
pub(crate) fn mixed(trial: &mut Trial) -> Result<f64, BoxError> {
    let point = trial.point();
    let rate = point.float("rate")?.log10() + 2.0;
    let momentum = point.float("momentum").unwrap_or(0.5) - 0.9;
    let width = point.size("width")? as f64 / 32.0 - 1.0;
    let depth = if point.choice("second").is_ok_and(|name| name == "b") { 0.0 } else { 0.3 };
    let noise = 0.05 * trial.key().normal(0);
    let level = rate * rate + momentum * momentum + width * width + depth + noise;
    for step in 1..=trial.budget().unwrap_or(9) {
        if trial.report(step, level + 1.0 / step as f64)? == gradus_search::Verdict::Prune {
            return Ok(level + 1.0 / step as f64);
        }
    }
    Ok(level + 1.0 / trial.budget().unwrap_or(9) as f64)
}

/// The median over some studies of the best of 60 trials.
fn median(
    space: fn() -> Space,
    value: fn(&Point) -> Result<f64, BoxError>,
    sampler: fn() -> Box<dyn Sampler>,
) -> f64 {
    let best = |seed| {
        let config =
            StudyConfig { key: Key::new(seed), sampler: sampler(), ..StudyConfig::new(space()) };
        let mut study = config.init().unwrap();
        study.run(RunConfig::new(60), |trial| value(trial.point())).unwrap();
        study.best().unwrap().value
    };
    let mut all: Vec<f64> = (0..9).map(best).collect();
    all.sort_by(f64::total_cmp);
    all[4]
}

/// The table of `cargo run --release --example sampler_table` has more of it.
#[test]
fn samplers_that_learn_beat_random_search() {
    fn bowl_space() -> Space {
        let space = (0..5).fold(Space::builder("bowl"), |space, i| {
            space.with(format!("x{i}"), Domain::float(-1.0, 1.0))
        });
        space.build().unwrap()
    }
    fn bowl(point: &Point) -> Result<f64, BoxError> {
        let square = |i| Ok((point.float(&format!("x{i}"))? - 0.4).powi(2));
        (0..5).map(square).sum()
    }
    let random = || -> Box<dyn Sampler> { Box::new(Random) };
    let tpe = || -> Box<dyn Sampler> { Box::new(Tpe::default()) };
    let evolution = || -> Box<dyn Sampler> { Box::new(RegularizedEvolution::default()) };
    let by_chance = median(bowl_space, bowl, random);
    assert!(median(bowl_space, bowl, tpe) < 0.6 * by_chance);
    assert!(median(bowl_space, bowl, evolution) < 0.9 * by_chance);
    assert!(median(branin_space, branin, tpe) < median(branin_space, branin, random));
}
