//! Make single ids more or less likely.

use gradus_core::Key;

use super::traits::require;
use crate::{Error, History, Result, Warp};

/// Adds a number to the logits of some ids; −∞ forbids an id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bias(pub Vec<(u32, f64)>);

impl Warp for Bias {
    fn apply(&self, logits: &mut [f64], _: &History<'_>, _: Key) -> Result<()> {
        for &(id, bias) in &self.0 {
            logits[id as usize] += bias;
        }
        Ok(())
    }

    fn check(&self, vocab: usize) -> Result<()> {
        for &(id, bias) in &self.0 {
            if id as usize >= vocab {
                return Err(Error::OutOfVocab { what: "logit bias", id, vocab });
            }
            require("logit bias", bias, "finite or −∞", |b| b < f64::INFINITY)?;
        }
        Ok(())
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}
