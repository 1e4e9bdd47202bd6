//! The three steps of Gradus: a model, a loss, an optimizer; training loop, checkpoints, report.
#![forbid(unsafe_code)]

mod error;
pub mod report;

pub use error::{Error, Result};
