//! What each sampler promises, checked on whole studies.

use std::collections::BTreeSet;

use gradus_core::Key;
use gradus_search::{
    Asha, Domain, Hyperband, LatinHypercube, Record, RunConfig, Sampler, Sobol, Space, Study,
    StudyConfig, SuccessiveHalving, Verdict,
};

use crate::problems::{mixed, mixed_space};

fn study(space: Space, sampler: impl Sampler + 'static, trials: u64) -> Study {
    let sampler = Box::new(sampler);
    let config = StudyConfig { key: Key::new(5), sampler, ..StudyConfig::new(space) };
    let mut study = config.init().unwrap();
    let run = RunConfig { workers: 2, ..RunConfig::new(trials) };
    study
        .run(run, |trial| if trial.point().get("rate").is_some() { mixed(trial) } else { Ok(0.0) })
        .unwrap();
    study
}

#[test]
fn every_share_of_every_parameter_is_visited_once() {
    let space = || {
        let space = Space::builder("cube").with("a", Domain::float(0.0, 16.0));
        space.with("b", Domain::log_float(1.0, 65536.0)).build().unwrap()
    };
    let shares = |study: &Study, from: usize| {
        let records: Vec<&Record> = study.records().skip(from).take(16).collect();
        let a: BTreeSet<u64> =
            records.iter().map(|r| r.suggestion.point.float("a").unwrap() as u64).collect();
        let b: BTreeSet<u64> =
            records.iter().map(|r| r.suggestion.point.float("b").unwrap().log2() as u64).collect();
        (a.len(), b.len())
    };
    let cube = study(space(), LatinHypercube { samples: 16 }, 32);
    assert_eq!((shares(&cube, 0), shares(&cube, 16)), ((16, 16), (16, 16)));
    let sobol = study(space(), Sobol, 32);
    assert_eq!((shares(&sobol, 0), shares(&sobol, 16)), ((16, 16), (16, 16)));
}

/// Trials of a budget, by number.
fn rung(records: &[&Record], budget: u64) -> Vec<Record> {
    records.iter().filter(|r| r.suggestion.budget == Some(budget)).map(|r| (*r).clone()).collect()
}

#[test]
fn halving_promotes_the_best_third() {
    let halving = SuccessiveHalving { points: 18, min_budget: 2, max_budget: 18, factor: 3 };
    let study = study(mixed_space(), halving, 26);
    let records: Vec<&Record> = study.records().collect();
    let rungs = [2, 6, 18].map(|budget| rung(&records, budget));
    assert_eq!(rungs.each_ref().map(Vec::len), [18, 6, 2]);
    for pair in rungs.windows(2) {
        let mut best = pair[0].clone();
        best.sort_by(|a, b| a.value.total_cmp(&b.value));
        for (promoted, from) in pair[1].iter().zip(&best) {
            assert_eq!(promoted.suggestion.continues, Some(from.number));
            assert_eq!(promoted.suggestion.point, from.suggestion.point);
        }
    }
    // The longest trainings decide, however well short ones look.
    assert_eq!(study.best().unwrap().suggestion.budget, Some(18));
}

#[test]
fn hyperband_repeats_its_brackets() {
    let study = study(mixed_space(), Hyperband { min_budget: 1, max_budget: 9, factor: 3 }, 44);
    let budgets: Vec<u64> = study.records().filter_map(|r| r.suggestion.budget).collect();
    let round: Vec<u64> = [(9, 1), (3, 3), (1, 9), (5, 3), (1, 9), (3, 9)]
        .into_iter()
        .flat_map(|(n, budget)| std::iter::repeat_n(budget, n))
        .collect();
    assert_eq!(budgets, [&round[..], &round].concat());
}

#[test]
fn asha_promotes_whatever_is_in_the_best_third_and_nothing_else() {
    let sampler = Asha { min_budget: 1, max_budget: 9, factor: 3 };
    let study = study(mixed_space(), sampler, 80);
    let records: Vec<&Record> = study.records().collect();
    for (n, record) in records.iter().enumerate() {
        let before = &records[..n];
        let taken: BTreeSet<u64> = before.iter().filter_map(|r| r.suggestion.continues).collect();
        // Algorithm 2 in its own words, without concurrency.
        let promotable = |budget: u64| {
            let mut rung = rung(before, budget);
            rung.sort_by(|a, b| a.value.total_cmp(&b.value));
            let best = rung.len() / 3;
            rung.into_iter().take(best).map(|r| r.number).find(|number| !taken.contains(number))
        };
        let expected = match (promotable(3), promotable(1)) {
            (Some(number), _) => (Some(9), Some(number)),
            (None, Some(number)) => (Some(3), Some(number)),
            (None, None) => (Some(1), None),
        };
        assert_eq!((record.suggestion.budget, record.suggestion.continues), expected, "{n}");
    }
    assert!(!rung(&records, 9).is_empty());
}

#[test]
fn a_continued_trial_has_the_key_of_the_first() {
    let halving = SuccessiveHalving { points: 9, min_budget: 1, max_budget: 9, factor: 3 };
    let mut study = StudyConfig { sampler: Box::new(halving), ..StudyConfig::new(mixed_space()) }
        .init()
        .unwrap();
    let mut keys = Vec::new();
    for number in 0..13 {
        let mut trial = study.ask().unwrap();
        keys.push(trial.key());
        if let Some(before) = trial.continues() {
            assert_eq!(trial.key(), keys[before as usize]);
        }
        assert_eq!(trial.report(1, number as f64).unwrap(), Verdict::Continue);
        assert!(trial.report(1, 0.0).is_err(), "steps must grow");
        study.tell(trial, number as f64).unwrap();
    }
    assert_eq!(keys.iter().map(|key| key.seed).collect::<BTreeSet<_>>().len(), 9);
}
