//! What a row is fed before its first draw.

use crate::{Causal, Error, Result, Start, State};

/// What a model holds of the rows of a request, and what it must still be fed.
pub(crate) struct Opening<S> {
    pub(crate) state: S,
    pub(crate) pending: Vec<Vec<u32>>,
    /// Tokens that need not be fed.
    pub(crate) reused: u64,
}

impl<S: State> Opening<S> {
    /// For rows that begin with these tokens.
    pub(crate) fn new<M: Causal<State = S> + ?Sized>(
        model: &M,
        mut pending: Vec<Vec<u32>>,
    ) -> Result<Self> {
        let (state, held) = model.resume(&pending)?;
        pending.iter_mut().zip(&held).for_each(|(fed, &n)| drop(fed.drain(..n)));
        let reused = held.iter().map(|&n| n as u64).sum();
        Ok(Self { state, pending, reused })
    }

    /// Of each `n` rows, which begin alike, only the first is fed.
    pub(crate) fn shared_by(mut self, n: usize) -> Self {
        for (_, fed) in self.pending.iter_mut().enumerate().filter(|(r, _)| r % n != 0) {
            self.reused += fed.len() as u64;
            fed.clear();
        }
        self
    }
}

/// Refuses rows that are longer than the model can be fed.
pub(crate) fn fits<M: Causal + ?Sized>(model: &M, needed: usize) -> Result<()> {
    match model.context().filter(|&context| needed > context) {
        Some(expected) => {
            let what = "tokens of a row, at most the model's context";
            Err(Error::Length { what, expected, got: needed })
        }
        None => Ok(()),
    }
}

/// What a row is fed before its first draw.
pub(crate) fn first_fed(start: Start, row: usize, prompt: &[u32]) -> Result<Vec<u32>> {
    match start {
        Start::Prompt if prompt.is_empty() => Err(Error::EmptyPrompt { row }),
        Start::IfEmpty(id) if prompt.is_empty() => Ok(vec![id]),
        Start::Always(id) => Ok([&[id], prompt].concat()),
        Start::Prompt | Start::IfEmpty(_) => Ok(prompt.to_vec()),
    }
}
