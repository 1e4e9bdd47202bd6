//! What a model offers to the strategies.

use crate::{Canvas, Logits, Pos, Ragged, Result, State};

/// A model of p(next token | tokens before it): Transformer, RNN, `WaveNet` queues, `PixelCNN`, an exact law.
///
/// One [`Causal::feed`] serves prefill, decoding, verification and scoring.
pub trait Causal: Sync {
    /// What the model remembers of the tokens it was fed.
    type State: State;

    /// Number of ids; every row of logits has this length.
    fn vocab(&self) -> usize;

    /// How a row without tokens begins.
    fn start(&self) -> Start;

    /// The most tokens, the start token included, that a row can be fed; `None` if it is unlimited.
    fn context(&self) -> Option<usize> {
        None
    }

    /// Whether these two rows of a request, fed the same, answer the same. A model that holds something
    /// for each row, such as a class, denies it where they differ: the [samples](crate::Request::samples)
    /// of a prompt are then fed each for itself.
    fn alike(&self, _row: usize, _other: usize) -> bool {
        true
    }

    /// A state of `rows` rows that were fed nothing. Row `i` is row `i` of the request.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`](crate::Error::Model).
    fn begin(&self, rows: usize) -> Result<Self::State>;

    /// A state for rows that begin with these tokens, a start token included, and how many of them each
    /// row holds already: none, unless the model is a [`Prefix`](crate::Prefix).
    ///
    /// # Errors
    /// As [`Causal::begin`].
    fn resume(&self, rows: &[Vec<u32>]) -> Result<(Self::State, Vec<usize>)> {
        Ok((self.begin(rows.len())?, vec![0; rows.len()]))
    }

    /// Feeds the tokens of each row after those it was fed before, and appends logits to `out`.
    ///
    /// `tokens` has as many rows as the state; some may be empty. `out` comes without rows. The
    /// logits after a fed token predict the next one. They are appended row after row: with
    /// [`Want::Last`] one for each row that was fed something, with [`Want::All`] one for each fed
    /// token. A row's logits must not depend on the other rows.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`](crate::Error::Model).
    fn feed(
        &self,
        state: &mut Self::State,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()>;
}

/// How a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There is no start token: an empty prompt is an error.
    Prompt,
    /// This token is fed in place of an empty prompt.
    IfEmpty(u32),
    /// This token is fed first in every row, before any prompt. It may lie outside the vocabulary.
    Always(u32),
}

/// For which of the fed tokens logits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// For none.
    None,
    /// For the last one of each row that was fed something.
    Last,
    /// For every one.
    All,
}

/// A model of p(token | what is known), for masked positions: `MaskGIT`, masked diffusion, BERT.
pub trait Masked: Sync {
    /// Number of ids; every row of logits has this length.
    fn vocab(&self) -> usize;

    /// Appends to `out` one row of logits for each position of `at`, in that order.
    ///
    /// All of `at` are masked. Rows of the canvas that `at` does not mention need not be computed.
    /// `out` comes without rows. A row's logits must not depend on the other rows.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`](crate::Error::Model).
    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()>;

    /// Told by [`Blocks`](crate::Blocks) that every row knows the positions before `end`, which will stay,
    /// and that more is to follow: a model with a cache stores now what it will need of them.
    ///
    /// Answers how many tokens it was fed for that, those of all rows together. Unless that is 0, as it is
    /// by default, it counts as a call. Answers of [`Masked::fill`] must not depend on it.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`](crate::Error::Model).
    fn settle(&self, canvas: &Canvas, end: usize) -> Result<usize> {
        let _ = (canvas, end);
        Ok(0)
    }
}

/// A pair of models for [`Then`](crate::Then): one makes the plan, one the details.
#[derive(Debug, Clone, Copy)]
pub struct Both<P, D> {
    /// Sees the tokens of the plan alone, in the plan's order.
    pub plan: P,
    /// Sees the whole canvas.
    pub detail: D,
}

impl<M: Causal + ?Sized> Causal for &M {
    type State = M::State;

    fn vocab(&self) -> usize {
        (**self).vocab()
    }

    fn start(&self) -> Start {
        (**self).start()
    }

    fn context(&self) -> Option<usize> {
        (**self).context()
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        (**self).alike(row, other)
    }

    fn begin(&self, rows: usize) -> Result<Self::State> {
        (**self).begin(rows)
    }

    fn resume(&self, rows: &[Vec<u32>]) -> Result<(Self::State, Vec<usize>)> {
        (**self).resume(rows)
    }

    fn feed(
        &self,
        state: &mut Self::State,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        (**self).feed(state, tokens, want, out)
    }
}

impl<M: Masked + ?Sized> Masked for &M {
    fn vocab(&self) -> usize {
        (**self).vocab()
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        (**self).fill(canvas, at, out)
    }

    fn settle(&self, canvas: &Canvas, end: usize) -> Result<usize> {
        (**self).settle(canvas, end)
    }
}
