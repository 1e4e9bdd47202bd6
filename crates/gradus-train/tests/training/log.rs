//! The log can be read by any program.

use std::fs;
use std::path::Path;
use std::time::Duration;

use gradus_train::{FitConfig, Log, Stop};
use serde_json::Value;

use crate::task::{data, fit, silent};

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Kind and step of every line.
fn outline(path: &Path) -> Vec<(String, u64)> {
    let kind = |line: &Value| line["kind"].as_str().unwrap().to_owned();
    lines(path).iter().map(|line| (kind(line), line["step"].as_u64().unwrap())).collect()
}

fn owned(outline: &[(&str, u64)]) -> Vec<(String, u64)> {
    outline.iter().map(|&(kind, step)| (kind.to_owned(), step)).collect()
}

#[test]
fn every_epoch_and_some_steps_have_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, "left over\n").unwrap();
    let log = Some(Log { every: 4, ..Log::new(&path) });
    let mut run = fit(1, FitConfig { log, ..silent(2) });
    run.run_validated(&data(40, 1), &data(16, 2)).unwrap(); // 5 batches
    let expected = [("step", 4), ("epoch", 5), ("step", 8), ("epoch", 10)];
    assert_eq!(outline(&path), owned(&expected));
    let lines = lines(&path);
    let last = run.history().last().unwrap();
    assert_eq!(lines[3]["train"]["loss"].as_f64(), Some(last.train["loss"]));
    assert_eq!(lines[3]["valid"]["accuracy"].as_f64(), Some(last.valid["accuracy"]));
    assert_eq!(lines[2]["loss"].as_f64(), Some(run.history().steps[7].loss));
    assert_eq!((&lines[2]["epoch"], &lines[2]["batch"]), (&2.into(), &3.into()));
}

#[test]
fn a_run_that_is_resumed_writes_its_lines_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, saved) = (folder.path().join("log"), folder.path().join("run"));
    let config = |time_limit| FitConfig {
        log: Some(Log { every: 1, ..Log::new(&path) }),
        time_limit,
        ..silent(2)
    };
    let train = data(24, 1); // 3 batches
    let one_step = Some(Duration::from_nanos(1));
    let mut first = fit(1, config(one_step));
    for _ in 0..2 {
        assert_eq!(first.run(&train).unwrap(), Stop::TimeLimit);
    }
    first.save(&saved).unwrap();
    // It goes on to the next epoch and is lost there.
    for _ in 0..2 {
        first.run(&train).unwrap();
    }
    let lost = [("step", 1), ("step", 2), ("step", 3), ("epoch", 3), ("step", 4)];
    assert_eq!(outline(&path), owned(&lost));
    let mut second = fit(1, config(None));
    second.resume(&saved).unwrap();
    second.run(&train).unwrap();
    let whole = [&lost[..], &[("step", 5), ("step", 6), ("epoch", 6)]].concat();
    assert_eq!(outline(&path), owned(&whole));
    // So does one that is taken back to an earlier state, and goes on under the same name.
    second.resume(&saved).unwrap();
    second.run(&train).unwrap();
    assert_eq!(outline(&path), owned(&whole));
}
