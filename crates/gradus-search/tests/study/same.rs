//! The same trials, for any number of workers and after any interruption.

use std::sync::atomic::{AtomicU64, Ordering};

use gradus_core::Key;
use gradus_search::{
    Asha, AshaPruner, Error, Goal, Hyperband, LatinHypercube, MedianPruner, Pruner, Random, Record,
    RegularizedEvolution, RunConfig, Sampler, Sobol, State, Study, StudyConfig, SuccessiveHalving,
    Tpe,
};

use crate::problems::{mixed, mixed_space};

pub(crate) const TRIALS: u64 = 40;

pub(crate) fn samplers() -> Vec<Box<dyn Sampler>> {
    vec![
        Box::new(Random),
        Box::new(LatinHypercube { samples: 15 }),
        Box::new(Sobol),
        Box::new(RegularizedEvolution { population: 8, sample: 3 }),
        Box::new(Tpe { startup: 5, candidates: 6 }),
        Box::new(SuccessiveHalving { points: 9, min_budget: 1, max_budget: 9, factor: 3 }),
        Box::new(Hyperband { min_budget: 1, max_budget: 9, factor: 3 }),
        Box::new(Asha { min_budget: 1, max_budget: 9, factor: 3 }),
    ]
}

fn pruner(kind: u64) -> Option<Box<dyn Pruner>> {
    match kind {
        0 => None,
        1 => Some(Box::new(AshaPruner { factor: 3, ..AshaPruner::default() })),
        _ => Some(Box::new(MedianPruner::default())),
    }
}

pub(crate) fn config(sampler: Box<dyn Sampler>, with: u64) -> StudyConfig {
    let (key, pruner) = (Key::new(11), pruner(with));
    StudyConfig { key, sampler, pruner, concurrency: 4, ..StudyConfig::new(mixed_space()) }
}

/// Everything but the seconds.
pub(crate) fn told(study: &Study) -> Vec<Record> {
    study.records().map(|record| Record { seconds: 0.0, ..record.clone() }).collect()
}

#[test]
fn one_worker_and_many_make_the_same_trials() {
    for with in 0..3 {
        for i in 0..samplers().len() {
            let made = [1, 2, 7].map(|workers| {
                let mut study = config(samplers().remove(i), with).init().unwrap();
                let run = RunConfig { workers, ..RunConfig::new(TRIALS) };
                let slow = AtomicU64::new(0);
                let objective = |trial: &mut gradus_search::Trial| {
                    // Every third trial takes longer, so that trials end in another order.
                    if slow.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) {
                        std::thread::sleep(std::time::Duration::from_micros(300));
                    }
                    mixed(trial)
                };
                study.run(run, objective).unwrap();
                told(&study)
            });
            assert_eq!(made[0].len() as u64, TRIALS);
            assert_eq!(made[0], made[1], "{:?}", samplers()[i]);
            assert_eq!(made[0], made[2], "{:?}", samplers()[i]);
        }
    }
}

#[test]
fn another_key_makes_other_trials() {
    for i in 0..samplers().len() {
        let made = [11, 12].map(|seed| {
            let config = StudyConfig { key: Key::new(seed), ..config(samplers().remove(i), 0) };
            let mut study = config.init().unwrap();
            study.run(RunConfig::new(12), mixed).unwrap();
            told(&study)
        });
        let same = made[0].iter().zip(&made[1]).filter(|(a, b)| a.suggestion == b.suggestion);
        assert!(same.count() < 6, "{:?}", samplers()[i]);
    }
}

#[test]
fn ask_and_tell_are_what_run_does() {
    let mut by_hand = config(Box::new(Tpe::default()), 1).init().unwrap();
    for _ in 0..TRIALS {
        let mut trial = by_hand.ask().unwrap();
        let value = mixed(&mut trial).unwrap();
        by_hand.tell(trial, value).unwrap();
    }
    let mut run = config(Box::new(Tpe::default()), 1).init().unwrap();
    run.run(RunConfig::new(TRIALS), mixed).unwrap();
    assert_eq!(told(&by_hand), told(&run));
    assert!(run.records().any(|record| record.state == State::Pruned));
}

#[test]
fn a_trial_that_learns_waits_for_its_teachers() {
    let mut study = config(Box::new(Tpe { startup: 0, ..Tpe::default() }), 0).init().unwrap();
    let mut trials: Vec<_> = (0..4).map(|_| study.ask().unwrap()).collect();
    let message = study.ask().unwrap_err().to_string();
    assert_eq!(message, "trial 4 depends on trials that are not finished: 0");
    study.tell(trials.remove(1), 0.5).unwrap();
    assert!(matches!(study.ask(), Err(Error::Waiting { number: 4, unfinished: 0 })));
    study.tell(trials.remove(0), 0.5).unwrap();
    assert_eq!(study.ask().unwrap().number(), 4);
    // One that is given up is asked for again, and is the same.
    let point = trials[0].point().clone();
    study.give_up(trials.remove(0));
    let again = study.ask().unwrap();
    assert_eq!((again.number(), again.point()), (2, &point));
    let mut other = config(Box::new(Random), 0).init().unwrap();
    assert!(matches!(other.tell(again, 0.0), Err(Error::UnknownTrial { number: 2 })));
}

#[test]
fn an_objective_that_fails_ends_the_run_and_is_made_again() {
    for workers in [1, 3] {
        let mut study = config(Box::new(Random), 0).init().unwrap();
        let run = RunConfig { workers, ..RunConfig::new(20) };
        let error = study.run(run, |trial| match trial.number() {
            5 => Err("no disk".into()),
            _ => mixed(trial),
        });
        assert_eq!(error.unwrap_err().to_string(), "trial 5: no disk");
        assert!(study.records().all(|record| record.number != 5));
        study.run(run, mixed).unwrap();
        assert_eq!(study.records().count(), 20);
    }
}

#[test]
fn an_objective_that_panics_does_not_hang_the_others() {
    let mut study = config(Box::new(Tpe { startup: 0, ..Tpe::default() }), 0).init().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let run = RunConfig { workers: 3, ..RunConfig::new(20) };
        study.run(run, |trial| {
            assert_ne!(trial.number(), 6, "on purpose");
            mixed(trial)
        })
    }));
    assert!(panicked.is_err());
    study.run(RunConfig::new(20), mixed).unwrap();
    assert_eq!(study.records().count(), 20);
}

#[test]
fn values_that_are_not_finite_are_never_the_best_and_break_nothing() {
    for goal in [Goal::Min, Goal::Max] {
        for sampler in samplers() {
            let mut study = StudyConfig { goal, ..config(sampler, 1) }.init().unwrap();
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0];
            let run = RunConfig { workers: 2, ..RunConfig::new(TRIALS) };
            study
                .run(run, |trial| {
                    let value = odd[trial.number() as usize % 4];
                    let _ = trial.report(1, value)?;
                    Ok(value)
                })
                .unwrap();
            assert!(study.best().is_none_or(|best| !best.value.is_nan()));
            assert!(study.report().is_ok());
        }
        // Of trials that are all NaN, none is the best.
        let mut study = StudyConfig { goal, ..config(Box::new(Random), 0) }.init().unwrap();
        study.run(RunConfig::new(3), |_| Ok(f64::NAN)).unwrap();
        assert!(study.best().is_none() && study.report().is_ok());
    }
}

#[test]
fn the_time_limit_begins_no_further_trial() {
    let mut study = config(Box::new(Random), 0).init().unwrap();
    let time_limit = Some(std::time::Duration::ZERO);
    study.run(RunConfig { time_limit, ..RunConfig::new(5) }, mixed).unwrap();
    assert_eq!(study.records().count(), 0);
    assert!(study.run(RunConfig { workers: 0, ..RunConfig::new(5) }, mixed).is_err());
}
