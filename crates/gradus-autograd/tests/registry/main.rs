//! Every op of the table is differentiable with a checked derivative, or refuses.
//!
//! A row marked `Checked` has an entry in [`checks()`], which is run on random shapes, first
//! and second order. A row marked `Refused` has one in [`refused::REFUSED`]. A method of `Var`
//! without a row is found in the source. The dtypes of `docs/ops.md` are those that the checks
//! found to work.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

mod case;
mod checks;
mod checks_linalg;
mod page;
mod refused;
mod source;

use gradus_core::{Derivative, OPS};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use case::{Check, cases};
use refused::REFUSED;

/// All checks.
fn checks() -> impl Iterator<Item = &'static (&'static str, Check)> {
    [checks::CHECKS, checks_linalg::CHECKS].into_iter().flatten()
}

fn names(derivative: Derivative) -> Vec<&'static str> {
    let mut names: Vec<_> =
        OPS.iter().filter(|op| op.derivative == derivative).map(|op| op.name).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_checked_row_has_one_check() {
    let mut checked: Vec<_> = checks().map(|(name, _)| *name).collect();
    checked.sort_unstable();
    assert_eq!(checked, names(Derivative::Checked));
}

#[test]
fn every_checked_row_has_right_derivatives() {
    for (name, check) in checks() {
        // Fixed cases: a failure stays a failure.
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let config = Config { failure_persistence: None, ..Config::with_cases(16) };
        let result = TestRunner::new_with_rng(config, rng).run(&cases(), |case| check(&case));
        if let Err(error) = result {
            panic!("{name}: {error}");
        }
        page::assert_dtypes(name, &case::take_dtypes());
    }
}

#[test]
fn every_refused_row_refuses() {
    let mut refused: Vec<_> = REFUSED.iter().map(|(name, _)| *name).collect();
    refused.sort_unstable();
    assert_eq!(refused, names(Derivative::Refused));
    for (name, refuses) in REFUSED {
        refuses(name);
    }
}

#[test]
fn every_method_has_a_row() {
    let strangers = source::methods_without_a_row();
    assert!(strangers.is_empty(), "methods of Var without a row in OPS: {strangers:?}");
}
