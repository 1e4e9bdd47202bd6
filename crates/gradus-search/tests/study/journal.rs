//! The journal: continued, torn, damaged, of another study.

use std::fs;
use std::path::Path;

use gradus_core::Key;
use gradus_search::{
    AshaPruner, Domain, Error, Goal, Random, Result, RunConfig, Sobol, Space, Study, StudyConfig,
    Tpe,
};

use crate::problems::{branin, branin_space, mixed};
use crate::same::{TRIALS, config, samplers, told};

fn at(path: &Path, config: StudyConfig) -> Result<Study> {
    StudyConfig { journal: Some(path.to_owned()), ..config }.init()
}

#[test]
fn a_study_cut_after_any_byte_goes_on_with_the_same_trials() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..samplers().len() {
        let path = folder.path().join(i.to_string());
        let make = || config(samplers().remove(i), 1);
        let mut whole = at(&path, make()).unwrap();
        // More workers: the lines are not in the order of the numbers.
        whole.run(RunConfig { workers: 3, ..RunConfig::new(TRIALS) }, mixed).unwrap();
        let expected = told(&whole);
        drop(whole);
        let text = fs::read(&path).unwrap();
        let header = text.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        for cut in (0..4).map(|k| Key::new(i as u64).uniform(k)) {
            let cut = header + (cut * (text.len() - header) as f64) as usize;
            fs::write(&path, &text[..cut]).unwrap();
            let mut again = at(&path, make()).unwrap();
            assert!((again.records().count() as u64) < TRIALS);
            again.run(RunConfig::new(TRIALS), mixed).unwrap();
            assert_eq!(told(&again), expected, "{:?} cut at {cut}", samplers()[i]);
            drop(again);
            let read = at(&path, make()).unwrap();
            assert_eq!(told(&read), expected);
        }
    }
}

#[test]
fn values_that_are_not_finite_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let values = [f64::NAN, f64::INFINITY, -0.0, f64::MIN_POSITIVE, 0.1 + 0.2];
    let mut study = at(&path, StudyConfig::new(branin_space())).unwrap();
    study.run(RunConfig::new(5), |trial| Ok(values[trial.number() as usize])).unwrap();
    drop(study);
    let study = at(&path, StudyConfig::new(branin_space())).unwrap();
    let read: Vec<u64> = study.records().map(|record| record.value.to_bits()).collect();
    assert_eq!(read, values.map(f64::to_bits));
}

#[test]
fn damage_in_the_middle_is_an_error_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut study = at(&path, StudyConfig::new(branin_space())).unwrap();
    study.run(RunConfig::new(3), |trial| branin(trial.point())).unwrap();
    drop(study);
    let text = fs::read_to_string(&path).unwrap();
    let error = |text: &str| {
        fs::write(&path, text).unwrap();
        at(&path, StudyConfig::new(branin_space())).unwrap_err().to_string()
    };
    let damaged = text.replacen("\"number\":1", "\"number\":7", 1);
    assert!(error(&damaged).contains("line 3: the checksum does not fit"), "{}", error(&damaged));
    assert!(error("").contains("line 1"));
    assert!(error("not a journal\n").contains("line 1"));
    let last = text.lines().last().unwrap();
    assert!(error(&format!("{text}{last}\n")).contains("line 5: trial 2 is there twice"));
}

#[test]
fn the_journal_of_another_study_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    drop(at(&path, StudyConfig::new(branin_space())).unwrap());
    let space = |name: &str, high| {
        let space = Space::builder(name).with("x", Domain::float(-5.0, 10.0));
        space.with("y", Domain::float(0.0, high)).build().unwrap()
    };
    let base = || StudyConfig::new(branin_space());
    for (config, expected) in [
        (
            StudyConfig::new(space("Rosenbrock", 15.0)),
            "its space is `Branin`, here it is `Rosenbrock`",
        ),
        (
            StudyConfig::new(space("Branin", 16.0)),
            "its parameter is `y` (0.0..=15.0), here it is `y` (0.0..=16.0)",
        ),
        (StudyConfig { goal: Goal::Max, ..base() }, "its goal is Min, here it is Max"),
        (StudyConfig { key: Key::new(1), ..base() }, "its key is"),
        (StudyConfig { sampler: Box::new(Sobol), ..base() }, "its sampler is Tpe"),
        (
            StudyConfig { pruner: Some(Box::new(AshaPruner::default())), ..base() },
            "its pruner is None",
        ),
        (StudyConfig { concurrency: 2, ..base() }, "its concurrency is 1, here it is 2"),
    ] {
        let message = at(&path, config).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let held = at(&path, base()).unwrap();
    assert!(matches!(at(&path, base()), Err(Error::InUse { .. })));
    drop(held);
    assert!(at(&path, base()).is_ok());
    assert!(matches!(at(&folder.path().join("no/such"), base()), Err(Error::Io(_))));
}

#[test]
fn configs_without_sense_are_refused() {
    let fault = |config: StudyConfig| config.init().unwrap_err().to_string();
    let base = || StudyConfig::new(branin_space());
    assert!(fault(StudyConfig { concurrency: 0, ..base() }).starts_with("concurrency"));
    let tpe = Box::new(Tpe { candidates: 0, ..Tpe::default() });
    assert!(fault(StudyConfig { sampler: tpe, ..base() }).starts_with("candidates"));
    let pruner = AshaPruner { factor: 1, ..AshaPruner::default() };
    assert!(fault(StudyConfig { pruner: Some(Box::new(pruner)), ..base() }).starts_with("factor"));
    let many = (0..65).fold(Space::builder("many"), |space, i| {
        space.with(i.to_string(), Domain::float(0.0, 1.0))
    });
    let many = StudyConfig { sampler: Box::new(Sobol), ..StudyConfig::new(many.build().unwrap()) };
    assert!(fault(many).contains("64"));
    assert!(StudyConfig { sampler: Box::new(Random), ..base() }.init().is_ok());
}
