//! Every op of the table is differentiable with a checked derivative, or refuses.
//!
//! A row marked `Checked` has an entry in [`checks()`], which is run on random shapes, first
//! and second order. A row marked `Refused` has one in [`refused::REFUSED`]. A method of `Var`
//! without a row is found in the source. The dtypes of `docs/ops.md` are those that the checks
//! found to work.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

mod case;
mod checks;
mod checks_elementwise;
mod checks_fft;
mod checks_linalg;
mod checks_shape;
mod checks_windows;
mod page;
mod refused;
mod source;

use gradus_core::{Derivative, OPS};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use case::{Check, cases};
use refused::REFUSED;

/// All checks.
fn checks() -> impl Iterator<Item = &'static (&'static str, Check)> {
    [
        checks::CHECKS,
        checks_elementwise::CHECKS,
        checks_fft::CHECKS,
        checks_linalg::CHECKS,
        checks_shape::CHECKS,
        checks_windows::CHECKS,
    ]
    .into_iter()
    .flatten()
}

fn names(derivative: Derivative) -> Vec<&'static str> {
    OPS.iter().filter(|op| op.derivative == derivative).map(|op| op.name).collect()
}

/// Rows without an entry in a table, and entries without a row or with two.
fn mismatches<'a>(rows: &[&'a str], entries: &[&'a str]) -> Vec<&'a str> {
    let count = |names: &[&str], name: &str| names.iter().filter(|n| **n == name).count();
    let is_wrong = |name: &&&str| (count(rows, name), count(entries, name)) != (1, 1);
    rows.iter().chain(entries).filter(is_wrong).copied().collect()
}

#[test]
fn every_checked_row_has_one_check() {
    let checked: Vec<_> = checks().map(|(name, _)| *name).collect();
    let wrong = mismatches(&names(Derivative::Checked), &checked);
    assert!(wrong.is_empty(), "rows of OPS without one check, or checks without a row: {wrong:?}");
}

#[test]
fn a_planted_op_without_its_checks_is_found() {
    let checked: Vec<_> = checks().map(|(name, _)| *name).collect();
    let mut rows = names(Derivative::Checked);
    rows.push("planted");
    assert_eq!(mismatches(&rows, &checked), ["planted"]);
    assert_eq!(mismatches(&checked, &rows), ["planted"]);
    rows.push("planted");
    assert!(mismatches(&rows, &[&checked[..], &["planted"]].concat()).contains(&"planted"));
    let source =
        "impl Var {\n    /// X.\n    pub fn planted<T>(&self) {}\n    pub fn exp(&self) {}\n}";
    assert_eq!(source::without_a_row(source::methods_of(source)), ["planted"]);
}

/// Ops of many steps and inputs, where a case takes a second: they have fewer.
const LONG: [&str; 4] = ["rnn", "lstm", "gru", "self_attention"];

fn run(cases_per_op: u32, is_wanted: impl Fn(&str) -> bool) {
    for (name, check) in checks().filter(|(name, _)| is_wanted(name)) {
        // Fixed cases: a failure stays a failure.
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let config = Config { failure_persistence: None, ..Config::with_cases(cases_per_op) };
        let result = TestRunner::new_with_rng(config, rng).run(&cases(), |case| check(&case));
        if let Err(error) = result {
            panic!("{name}: {error}");
        }
        page::assert_dtypes(name, &case::take_dtypes());
    }
}

#[test]
fn every_short_row_has_right_derivatives() {
    run(16, |name| !LONG.contains(&name));
}

#[test]
fn every_long_row_has_right_derivatives() {
    run(5, |name| LONG.contains(&name));
}

#[test]
fn every_refused_row_refuses() {
    let refused: Vec<_> = REFUSED.iter().map(|(name, _)| *name).collect();
    let wrong = mismatches(&names(Derivative::Refused), &refused);
    assert!(
        wrong.is_empty(),
        "rows of OPS without one refusal, or refusals without a row: {wrong:?}"
    );
    for (name, refuses) in REFUSED {
        refuses(name);
    }
}

#[test]
fn every_method_has_a_row() {
    let methods = source::methods();
    assert!(methods.len() > 100, "the scan found only {} methods", methods.len());
    let strangers = source::without_a_row(methods);
    assert!(strangers.is_empty(), "methods of Var without a row in OPS: {strangers:?}");
}
