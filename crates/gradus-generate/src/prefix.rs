//! A prompt that is read once.

use std::fmt;

use crate::prompt::{first_fed, fits};
use crate::{Causal, Error, Logits, Mark, Ragged, Result, Start, State, Want};

/// A causal model that has read the beginning of its rows already: many runs go on from there, and
/// only what follows is fed. Also called a prompt cache, or a prefix cache.
///
/// It stands in for the model in every strategy. A run's tokens are those of a run without it, bit for
/// bit; what was not fed again is counted in [`Stats::reused`](crate::Stats::reused). A row that leaves
/// the prefix somewhere is fed from there on. A clone is a fork: each goes its own way with
/// [`Prefix::extend`].
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Prefix, Request, Strategy};
///
/// let chain = Chain::new(0.1)?;
/// let read = Prefix::new(&chain, &[1, 0, 0, 1, 1, 1])?;
/// let request = Request::new([1, 0, 0, 1, 1, 1, 0]).seed(7).max(8);
/// let plain = Ar::default().run(&chain, request.clone())?.collect_all()?;
/// let fast = Ar::default().run(&read, request)?.collect_all()?;
/// assert_eq!(fast.row(0), plain.row(0));
/// // The start token and six of the prompt were there.
/// assert_eq!((fast.stats.reused, plain.stats.fed - fast.stats.fed), (7, 7));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub struct Prefix<'m, M: Causal + ?Sized> {
    model: &'m M,
    state: M::State,
    /// Where nothing was fed.
    mark: Mark,
    /// What each row was fed, a start token included.
    fed: Vec<Vec<u32>>,
}

impl<'m, M: Causal + ?Sized> Prefix<'m, M> {
    /// Reads one prompt, from which every row of a request goes on.
    ///
    /// # Errors
    /// [`Error::OutOfVocab`], [`Error::EmptyPrompt`], [`Error::Length`] for more tokens than the model's
    /// context, and what the model reports.
    pub fn new(model: &'m M, prompt: &[u32]) -> Result<Self> {
        Self::of_rows(model, &[prompt])
    }

    /// Reads one prompt for each row of a request, which then must have as many rows.
    ///
    /// # Errors
    /// As [`Prefix::new`].
    pub fn of_rows(model: &'m M, prompts: &[impl AsRef<[u32]>]) -> Result<Self> {
        let mut state = model.begin(prompts.len())?;
        let mark = state.mark();
        let fed = vec![Vec::new(); prompts.len()];
        let mut prefix = Self { model, state, mark, fed };
        let mut first = Vec::new();
        for (r, prompt) in prompts.iter().enumerate() {
            let tokens = first_fed(model.start(), r, prompt.as_ref())?;
            // A start token may lie outside the vocabulary.
            prefix.feedable(tokens.len(), prompt.as_ref())?;
            first.push(tokens);
        }
        prefix.feed_all(&first)?;
        Ok(prefix)
    }

    /// Reads on: more tokens for each row of the prefix.
    ///
    /// # Errors
    /// As [`Prefix::new`], and [`Error::Length`] for another number of rows.
    pub fn extend(&mut self, tokens: &[impl AsRef<[u32]>]) -> Result<()> {
        let (expected, got) = (self.fed.len(), tokens.len());
        if expected != got {
            return Err(Error::Length { what: "rows of a prefix", expected, got });
        }
        for (fed, new) in self.fed.iter().zip(tokens) {
            self.feedable(fed.len() + new.as_ref().len(), new.as_ref())?;
        }
        self.feed_all(tokens)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.fed.len()
    }

    /// What a row was fed, a start token included.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn tokens(&self, row: usize) -> &[u32] {
        &self.fed[row]
    }

    fn feedable(&self, total: usize, new: &[u32]) -> Result<()> {
        let vocab = self.model.vocab();
        if let Some(&id) = new.iter().find(|&&id| id as usize >= vocab) {
            return Err(Error::OutOfVocab { what: "prefix", id, vocab });
        }
        fits(self.model, total)
    }

    fn feed_all(&mut self, new: &[impl AsRef<[u32]>]) -> Result<()> {
        let mut none = Logits::new(self.model.vocab());
        self.model.feed(&mut self.state, &Ragged::from_rows(new), Want::None, &mut none)?;
        self.fed.iter_mut().zip(new).for_each(|(fed, new)| fed.extend_from_slice(new.as_ref()));
        Ok(())
    }

    /// How many of its first tokens a row need not be fed: all they have in common but the last, whose
    /// logits are wanted.
    fn common(&self, of: usize, row: &[u32]) -> usize {
        let same = self.fed[of].iter().zip(row).take_while(|(a, b)| a == b).count();
        same.min(row.len().saturating_sub(1))
    }
}

impl<M: Causal<State: Sync> + ?Sized> Causal for Prefix<'_, M> {
    type State = M::State;

    fn vocab(&self) -> usize {
        self.model.vocab()
    }

    fn start(&self) -> Start {
        self.model.start()
    }

    fn context(&self) -> Option<usize> {
        self.model.context()
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.model.alike(row, other)
    }

    fn begin(&self, rows: usize) -> Result<M::State> {
        self.model.begin(rows)
    }

    fn resume(&self, rows: &[Vec<u32>]) -> Result<(M::State, Vec<usize>)> {
        let mut state = self.state.clone();
        if self.fed.len() == 1 {
            // One row is rewound, and then copied.
            let held = rows.iter().map(|row| self.common(0, row)).min().unwrap_or(0);
            state.rewind(0, &self.mark, held)?;
            state.retain(&vec![0; rows.len()]);
            return Ok((state, vec![held; rows.len()]));
        }
        if self.fed.len() != rows.len() {
            let what = "rows of a request, as many as the prefix has";
            return Err(Error::Length { what, expected: self.fed.len(), got: rows.len() });
        }
        let held: Vec<usize> =
            rows.iter().enumerate().map(|(r, row)| self.common(r, row)).collect();
        held.iter().enumerate().try_for_each(|(r, &n)| state.rewind(r, &self.mark, n))?;
        // Closes the mark, so that nothing is kept to take back what a run feeds.
        state.retain(&(0..rows.len()).collect::<Vec<_>>());
        Ok((state, held))
    }

    fn feed(&self, s: &mut M::State, tokens: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        self.model.feed(s, tokens, want, out)
    }
}

impl<M: Causal + ?Sized> Clone for Prefix<'_, M> {
    fn clone(&self) -> Self {
        let (model, state, mark) = (self.model, self.state.clone(), self.mark.clone());
        Self { model, state, mark, fed: self.fed.clone() }
    }
}

impl<M: Causal + ?Sized> fmt::Debug for Prefix<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefix").field("fed", &self.fed).finish_non_exhaustive()
    }
}
