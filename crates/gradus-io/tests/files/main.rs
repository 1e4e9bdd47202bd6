//! Files as a whole: round trips, damage, and the files of released versions.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod damage;
mod golden;
mod round_trip;
mod tensors;
