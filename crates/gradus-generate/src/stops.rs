//! When a row ends before its length.

use crate::{Error, Finish, Result};

/// What ends a row. Only generated tokens count; the token that completes a stop stays in the row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stops {
    /// Each of these ids ends a row.
    pub ids: Vec<u32>,
    /// Each of these sequences ends a row, however the tokens arrive.
    pub sequences: Vec<Vec<u32>>,
}

impl Stops {
    /// Stops at one id, such as an end token.
    pub fn at(id: u32) -> Self {
        Self { ids: vec![id], sequences: Vec::new() }
    }

    /// Whether nothing ends a row early.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.sequences.is_empty()
    }

    /// Refuses ids outside the vocabulary and empty sequences.
    pub(crate) fn check(&self, vocab: usize) -> Result<()> {
        if self.sequences.iter().any(Vec::is_empty) {
            return Err(Error::Length { what: "stop sequence, at least", expected: 1, got: 0 });
        }
        let mut ids = self.ids.iter().chain(self.sequences.iter().flatten());
        match ids.find(|&&id| id as usize >= vocab) {
            Some(&id) => Err(Error::OutOfVocab { what: "stops", id, vocab }),
            None => Ok(()),
        }
    }

    /// Whether the last token of `generated` ends the row.
    pub(crate) fn hit(&self, generated: &[u32]) -> Option<Finish> {
        let last = *generated.last()?;
        if self.ids.contains(&last) {
            return Some(Finish::Stop(last));
        }
        self.sequences.iter().position(|s| generated.ends_with(s)).map(Finish::StopSeq)
    }
}
