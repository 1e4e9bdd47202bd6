//! The pruner beside Optuna's `SuccessiveHalvingPruner`: `tests/golden/optuna_values.py`.

use std::sync::Arc;

use gradus_search::{AshaPruner, Course, Goal, Point, Pruner, Record, Report, State, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    halvings: Vec<Halving>,
}

#[derive(Deserialize)]
struct Halving {
    goal: String,
    min_steps: u64,
    factor: u64,
    rungs_skipped: u32,
    bootstrap: u64,
    courses: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    values: Vec<Option<f64>>,
    pruned_at: Option<u64>,
}

#[test]
fn every_trial_is_stopped_where_optuna_stops_it() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/optuna.json")).unwrap();
    let mut pruned = 0;
    for case in &golden.halvings {
        let &Halving { min_steps, factor, rungs_skipped, bootstrap, .. } = case;
        let pruner = AshaPruner { min_steps, factor, rungs_skipped, bootstrap };
        let goal = if case.goal == "minimize" { Goal::Min } else { Goal::Max };
        let mut peers: Vec<Arc<Record>> = Vec::new();
        for (number, course) in (0..).zip(&case.courses) {
            let reports: Vec<Report> = (1..)
                .zip(&course.values)
                .map(|(step, value)| Report { step, value: value.unwrap_or(f64::NAN) })
                .collect();
            let decides = |n: &usize| {
                let course = Course { goal, reports: &reports[..*n], peers: &peers };
                pruner.decide(&course) == Verdict::Prune
            };
            let stop = (1..=reports.len()).find(decides);
            assert_eq!(stop.map(|n| n as u64), course.pruned_at, "{pruner:?} {goal:?} {number}");
            pruned += usize::from(stop.is_some());
            let (suggestion, value) = (Point::default().into(), 0.0);
            let state = if stop.is_some() { State::Pruned } else { State::Complete };
            let reports = reports[..stop.unwrap_or(reports.len())].to_vec();
            let record = Record { number, suggestion, reports, state, value, seconds: 0.0 };
            peers.push(Arc::new(record));
        }
    }
    assert!((200..400).contains(&pruned), "{pruned}");
}
