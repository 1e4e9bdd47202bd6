//! A text that comes before every row.

use std::fmt;

use crate::{Causal, Error, Logits, Prefix, Ragged, Result, Start, State, Want};

/// A causal model after a text that is no part of its rows: p(row | text). The text is read once.
///
/// It tells one model of a [`Guided`](crate::Guided) the condition, and the other one none or its
/// opposite (a negative prompt).
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{After, score};
/// let chain = Chain::new(0.1)?;
/// let after = After::new(&chain, &[0, 1, 1])?;
/// let logp = score(&after, &[vec![1]])?[0][0].unwrap_or(0.0);
/// assert!((logp - 0.9f64.ln()).abs() < 1e-12);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub struct After<'m, M: Causal + ?Sized> {
    /// All of the text but its last token, which begins every row.
    read: Prefix<'m, M>,
    state: M::State,
    last: u32,
}

impl<'m, M: Causal<State: Sync> + ?Sized> After<'m, M> {
    /// Reads the text.
    ///
    /// # Errors
    /// As [`Prefix::new`]; [`Error::Length`] for a text without tokens.
    pub fn new(model: &'m M, text: &[u32]) -> Result<Self> {
        let Some(&last) = text.last() else {
            return Err(Error::Length { what: "tokens of a text, at least", expected: 1, got: 0 });
        };
        let read = Prefix::new(model, text)?;
        let (state, _) = read.resume(&[read.tokens(0).to_vec()])?;
        Ok(Self { read, state, last })
    }

    /// Tokens that are read before the one that begins every row.
    fn before(&self) -> usize {
        self.read.tokens(0).len() - 1
    }
}

impl<M: Causal<State: Sync> + ?Sized> Causal for After<'_, M> {
    type State = M::State;

    fn vocab(&self) -> usize {
        self.read.vocab()
    }

    fn start(&self) -> Start {
        Start::Always(self.last)
    }

    fn context(&self) -> Option<usize> {
        self.read.context().map(|context| context.saturating_sub(self.before()))
    }

    fn begin(&self, rows: usize) -> Result<M::State> {
        let mut state = self.state.clone();
        state.retain(&vec![0; rows]);
        Ok(state)
    }

    fn feed(&self, s: &mut M::State, tokens: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        self.read.feed(s, tokens, want, out)
    }
}

impl<M: Causal + ?Sized> fmt::Debug for After<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("After").field("read", &self.read).finish_non_exhaustive()
    }
}
