//! What a warp is.

use gradus_core::Key;

use crate::{Error, Result};

/// The tokens of a row that a warp may look at.
///
/// In [`Parallel`](crate::Parallel) the fixed ids of the canvas are the prompt and the other known
/// ids are the generated ones, both in the order of their positions.
#[derive(Debug, Clone, Copy, Default)]
pub struct History<'a> {
    /// What was given.
    pub prompt: &'a [u32],
    /// What was drawn so far.
    pub generated: &'a [u32],
    /// The log-probability of each generated id in the law it was drawn from, in nats. Empty where
    /// positions are not drawn in order.
    pub logps: &'a [f64],
}

impl History<'_> {
    /// Prompt, then generated.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.prompt.iter().chain(self.generated).copied()
    }
}

/// A change of a row of logits before a draw. Also called a logits processor.
///
/// Any closure `Fn(&mut [f64], &History)` is a warp. −∞ removes an id.
pub trait Warp: Send + Sync {
    /// Changes the logits of one position. `key` is that position's key, of kind
    /// [`Kind::Warp`](gradus_core::Kind::Warp), for a warp that tosses coins.
    ///
    /// # Errors
    /// Whatever the warp cannot do.
    fn apply(&self, logits: &mut [f64], history: &History<'_>, key: Key) -> Result<()>;

    /// Refuses bad parameters; called once, before a run starts.
    ///
    /// # Errors
    /// [`Error::Parameter`] or [`Error::OutOfVocab`].
    fn check(&self, vocab: usize) -> Result<()> {
        let _ = vocab;
        Ok(())
    }

    /// Where [`Warps::standard`](crate::Warps::standard) puts it.
    fn stage(&self) -> Stage {
        Stage::Bias
    }

    /// Whether it makes sense only where positions are drawn from left to right.
    fn ordered(&self) -> bool {
        false
    }

    /// Name and parameters, for printing.
    fn label(&self) -> String {
        "closure".to_owned()
    }
}

/// The place of a warp in the standard order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Masks, biases and closures, on raw logits.
    Bias,
    /// Repetition.
    Repetition,
    /// Frequency and presence.
    Penalty,
    /// DRY.
    Dry,
    /// Top-nσ.
    TopNSigma,
    /// Temperature.
    Temperature,
    /// Top-k.
    TopK,
    /// Top-p.
    TopP,
    /// Min-p.
    MinP,
    /// Typical.
    Typical,
    /// XTC.
    Xtc,
    /// Mirostat, which excludes the other filters.
    Mirostat,
}

impl<F: Fn(&mut [f64], &History<'_>) + Send + Sync> Warp for F {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _key: Key) -> Result<()> {
        self(logits, history);
        Ok(())
    }
}

/// Refuses a parameter for which `holds` is false; NaN never holds.
pub(crate) fn require(
    name: &'static str,
    got: f64,
    expected: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<()> {
    if holds(got) { Ok(()) } else { Err(Error::Parameter { name, expected, got }) }
}
