//! How many calls there may be.

use crate::{Error, Result};

/// The most calls of a strategy: each is a round of the keys, which count them in 24 bits.
const MOST: usize = 1 << 24;

/// Refuses a number of calls that no run can make.
pub(super) fn check_calls(calls: usize) -> Result<()> {
    let (name, expected) = ("calls", "in 1..=2^24");
    let got = calls as f64;
    if (1..=MOST).contains(&calls) { Ok(()) } else { Err(Error::Parameter { name, expected, got }) }
}
