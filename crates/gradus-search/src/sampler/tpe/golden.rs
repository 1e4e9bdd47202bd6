//! The estimator beside Optuna's: `tests/golden/optuna_values.py`.

use std::sync::Arc;

use gradus_train::Goal;
use serde::Deserialize;

use super::parzen::{Kernels, Parzen};
use super::sampler::best;
use super::split::{good, split};
use crate::record::{Record, Report, State};
use crate::space::{Domain, Point, Value};

/// Of f64, after logarithms, exponentials and error functions of another library. Optuna's error
/// function is a rational approximation, which loses some digits in masses of whole numbers.
const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Golden {
    densities: Vec<Density>,
    splits: Vec<Split>,
}

#[derive(Deserialize)]
struct Density {
    domain: Domain,
    good: Vec<Value>,
    others: Vec<Value>,
    candidates: Vec<Value>,
    weights: Vec<f64>,
    kernels: Vec<Vec<f64>>,
    log_l: Vec<f64>,
    log_g: Vec<f64>,
    chosen: usize,
}

#[derive(Deserialize)]
struct Split {
    goal: String,
    trials: Vec<Trial>,
    below: Vec<u64>,
    above: Vec<u64>,
}

#[derive(Deserialize)]
struct Trial {
    complete: bool,
    value: Option<f64>,
    reports: Vec<(u64, f64)>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/golden/optuna.json")).unwrap()
}

fn same(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= TOLERANCE * b.abs().max(1.0), "{what}: {a} {b}");
    }
}

#[test]
fn weights_kernels_densities_and_choices_are_those_of_optuna() {
    let cases = golden().densities;
    assert_eq!(cases.len(), 30);
    for case in &cases {
        let what = format!("{} after {}", case.domain, case.good.len());
        let l = Parzen::new(&case.domain, &case.good);
        let g = Parzen::new(&case.domain, &case.others);
        same(&l.weights, &case.weights, &what);
        let kernels: Vec<Vec<f64>> = match &l.kernels {
            Kernels::Normal(kernels) => kernels.iter().map(|&(m, s)| vec![m, s]).collect(),
            Kernels::Names(kernels) => kernels.clone(),
        };
        assert_eq!(kernels.len(), case.kernels.len(), "{what}");
        for (ours, theirs) in kernels.iter().zip(&case.kernels) {
            same(ours, theirs, &what);
        }
        let logs = |parzen: &Parzen<'_>| {
            case.candidates.iter().map(|value| parzen.log_density(value)).collect::<Vec<_>>()
        };
        same(&logs(&l), &case.log_l, &what);
        same(&logs(&g), &case.log_g, &what);
        // Equal values have equal scores up to rounding; the values must agree.
        let chosen = best(&l, &g, &case.candidates);
        assert_eq!(case.candidates[chosen], case.candidates[case.chosen], "{what}");
    }
}

#[test]
fn good_and_other_trials_are_those_of_optuna() {
    let cases = golden().splits;
    assert_eq!(cases.len(), 8);
    for case in &cases {
        let goal = if case.goal == "minimize" { Goal::Min } else { Goal::Max };
        let record = |(number, trial): (u64, &Trial)| {
            Arc::new(Record {
                number,
                suggestion: Point::default().into(),
                reports: trial
                    .reports
                    .iter()
                    .map(|&(step, value)| Report { step, value })
                    .collect(),
                state: if trial.complete { State::Complete } else { State::Pruned },
                value: trial.value.unwrap_or(f64::NAN),
                seconds: 0.0,
            })
        };
        let finished: Vec<_> = (0..).zip(&case.trials).map(record).collect();
        let (below, above) = split(&finished, goal, good(finished.len()));
        let numbers = |part: &[&Record]| part.iter().map(|r| r.number).collect::<Vec<_>>();
        assert_eq!(numbers(&below), case.below);
        assert_eq!(numbers(&above), case.above);
    }
}

#[test]
fn draws_follow_the_density() {
    use gradus_core::Key;
    let domain = Domain::stepped(10, 50, 10);
    let observed = [Value::Int(40), Value::Int(40), Value::Int(20)];
    let parzen = Parzen::new(&domain, &observed);
    let n = 4000;
    let draws: Vec<Value> = (0..n).map(|i| parzen.draw(Key::new(3).fold_in(i))).collect();
    let mut total = 0.0;
    for v in [10, 20, 30, 40, 50].map(Value::Int) {
        let expected = parzen.log_density(&v).exp();
        let share = draws.iter().filter(|d| **d == v).count() as f64 / n as f64;
        // Five standard deviations of a share.
        assert!(
            (share - expected).abs() < 5.0 * (0.25 / n as f64).sqrt(),
            "{v} {share} {expected}"
        );
        total += expected;
    }
    assert!((total - 1.0).abs() < 1e-12);
}
