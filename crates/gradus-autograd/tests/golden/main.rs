//! Every op against PyTorch: values and gradients of fixed inputs, which `generate.py` wrote down.
//!
//! A family is a file of Python with the cases, the file of JSON it writes, and a file of Rust with
//! one arm per op. An op of the table without a case fails, unless [`exceptions`] says why.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

mod binary;
mod case;
mod exceptions;
mod fft;
mod index;
mod linalg;
mod nn;
mod products;
mod reduce;
mod shape;
mod unary;
mod windows;

use std::collections::BTreeSet;

use gradus_core::OPS;

use case::{Arm, Case, cases};
use exceptions::EXCEPTIONS;

/// The families: the name of the files, and the arms.
const FAMILIES: &[(&str, &[Arm])] = &[
    ("unary", unary::ARMS),
    ("binary", binary::ARMS),
    ("reduce", reduce::ARMS),
    ("shape", shape::ARMS),
    ("index", index::ARMS),
    ("linalg", linalg::ARMS),
    ("nn", nn::ARMS),
    ("products", products::ARMS),
    ("windows", windows::ARMS),
    ("fft", fft::ARMS),
];

fn names(cases: &[Case]) -> BTreeSet<&str> {
    cases.iter().map(|case| case.op.as_str()).collect()
}

#[test]
fn every_case_agrees() {
    let mut faults = Vec::new();
    for (family, arms) in FAMILIES {
        for case in cases(family) {
            let (_, run) = arms
                .iter()
                .find(|(name, _)| *name == case.op)
                .unwrap_or_else(|| panic!("{family}: no arm runs the case of {}", case.op));
            faults.extend(case.check(*run).err());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_arm_has_a_case_of_a_known_op() {
    for (family, arms) in FAMILIES {
        let cases = cases(family);
        for (name, _) in *arms {
            assert!(names(&cases).contains(name), "{family}: no case for the arm {name}");
            assert!(OPS.iter().any(|op| op.name == *name), "{family}: {name} is no op");
        }
    }
}

#[test]
fn every_op_has_a_case_or_a_reason() {
    let cases: Vec<Case> = FAMILIES.iter().flat_map(|(family, _)| cases(family)).collect();
    let golden = names(&cases);
    let excused: BTreeSet<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let missing: Vec<&str> = OPS
        .iter()
        .map(|op| op.name)
        .filter(|name| !golden.contains(name) && !excused.contains(name))
        .collect();
    assert!(missing.is_empty(), "ops without a golden case: {missing:?}");
    let needless: Vec<&&str> = excused.intersection(&golden).collect();
    assert!(needless.is_empty(), "exceptions that have a case: {needless:?}");
    let unknown: Vec<&&str> =
        excused.iter().filter(|name| OPS.iter().all(|op| op.name != **name)).collect();
    assert!(unknown.is_empty(), "exceptions that are no ops: {unknown:?}");
}

#[test]
fn a_wrong_value_or_gradient_is_found() {
    let case = cases("unary").into_iter().find(|case| case.op == "exp").unwrap();
    assert!(case.check(|_, x| case::one(x[0].exp())).is_ok());
    assert!(case.check(|_, x| case::one(x[0].expm1())).is_err());
    assert!(case.check(|_, x| case::one(x[0].exp()?.detach().add(&x[0].sub(&x[0])?))).is_err());
}
