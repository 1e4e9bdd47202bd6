//! A checkpoint that is damaged is refused, and never a panic.

use std::fs;
use std::time::Duration;

use gradus_train::{Error, FitConfig};
use proptest::prelude::*;

use crate::task::{Net, data, fit, same, silent};

fn checkpoint() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let limit = Some(Duration::from_nanos(1));
    let mut run = fit(1, FitConfig { time_limit: limit, ..silent(1) });
    run.run(&data(50, 1)).unwrap();
    run.save(&path).unwrap();
    fs::read(path).unwrap()
}

/// Asserts that bytes are refused by name, and leave the run as it was.
fn refused(bytes: &[u8]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged run");
    fs::write(&path, bytes).unwrap();
    let mut run = fit(2, silent(1));
    let error = run.resume(&path).expect_err("a damaged file");
    prop_assert!(matches!(error, Error::Io(_) | Error::Checkpoint { .. }), "{error:?}");
    prop_assert!(error.to_string().contains("damaged run"), "{error}");
    prop_assert!(run.steps() == 0 && same(run.model(), &Net::new(2)));
    Ok(())
}

#[test]
fn a_bit_that_is_flipped_is_noticed() {
    let whole = checkpoint();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) };
    proptest!(config, |(place in any::<prop::sample::Index>(), bit in 0..8u8)| {
        let mut bytes = whole.clone();
        bytes[place.index(whole.len())] ^= 1 << bit;
        refused(&bytes)?;
    });
}

#[test]
fn a_file_that_is_cut_or_too_long_is_noticed() {
    let whole = checkpoint();
    for len in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        refused(&whole[..len]).unwrap();
    }
    refused(&[&whole[..], b"more"].concat()).unwrap();
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = fit(1, silent(1)).resume("no/such/run").unwrap_err();
    assert_eq!(error.to_string(), "cannot read no/such/run");
}
