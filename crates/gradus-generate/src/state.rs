//! What a causal model remembers, and how it forgets.

use crate::{Error, Ragged, Result};

/// The memory of a [`Causal`](crate::Causal) model: a KV cache, recurrent states, queues.
///
/// After [`State::mark`], feeding n tokens and rewinding a row to `keep` of them, that row must equal,
/// bit for bit, a row that was fed only the first `keep`. A growing KV cache truncates; a ring buffer
/// logs what it overwrites; recurrent states keep one snapshot for each token since the mark. One
/// mark is open at a time: a new one closes the last.
pub trait State: Clone {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Tokens a row was fed, the start token included.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    fn len(&self, row: usize) -> usize;

    /// Remembers the present lengths, to come back to them.
    fn mark(&mut self) -> Mark;

    /// Forgets all but the first `keep` tokens that the row was fed since the mark.
    ///
    /// # Errors
    /// [`Error::Length`] if the row was fed fewer than `keep` tokens since.
    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> Result<()>;

    /// Keeps the named rows, in this order. A row named twice is copied. Closes an open mark.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    fn retain(&mut self, rows: &[usize]);
}

/// The lengths of all rows when [`State::mark`] was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    lens: Vec<usize>,
}

impl Mark {
    /// A mark at these lengths, for implementors of [`State`].
    pub fn new(lens: Vec<usize>) -> Self {
        Self { lens }
    }

    /// The length of a row to keep `keep` tokens of those fed since the mark.
    ///
    /// # Errors
    /// [`Error::Length`] if there is no such row, or if that is more than `len`, its present length.
    pub fn target(&self, row: usize, keep: usize, len: usize) -> Result<usize> {
        let Some(&marked) = self.lens.get(row) else {
            let what = "row of a mark, below";
            return Err(Error::Length { what, expected: self.lens.len(), got: row });
        };
        let fed = len.saturating_sub(marked);
        if marked > len || keep > fed {
            let what = "tokens kept of those fed since the mark, at most";
            return Err(Error::Length { what, expected: fed, got: keep });
        }
        Ok(marked + keep)
    }
}

/// The memory of a model without one: the tokens themselves.
///
/// A model that recomputes everything at each call can use it as its [`State`].
///
/// # Examples
/// ```
/// use gradus_generate::{Ragged, State, TokenState};
/// let mut state = TokenState::new(2);
/// state.push(&Ragged::from_rows([vec![1, 2], vec![3]]))?;
/// let mark = state.mark();
/// state.push(&Ragged::from_rows([vec![8, 9], vec![]]))?;
/// state.rewind(0, &mark, 1)?;
/// assert_eq!((state.row(0), state.row(1)), (&[1, 2, 8][..], &[3][..]));
/// state.retain(&[1]);
/// assert_eq!((state.rows(), state.len(0)), (1, 1));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenState {
    fed: Vec<Vec<u32>>,
}

impl TokenState {
    /// Rows that were fed nothing.
    pub fn new(rows: usize) -> Self {
        Self { fed: vec![Vec::new(); rows] }
    }

    /// Appends tokens to every row.
    ///
    /// # Errors
    /// [`Error::Length`] if the number of rows differs.
    pub fn push(&mut self, tokens: &Ragged) -> Result<()> {
        let (expected, got) = (self.fed.len(), tokens.rows());
        if expected != got {
            return Err(Error::Length { what: "rows fed to a state", expected, got });
        }
        self.fed.iter_mut().zip(tokens.iter()).for_each(|(row, new)| row.extend_from_slice(new));
        Ok(())
    }

    /// The tokens a row was fed.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.fed[row]
    }
}

impl State for TokenState {
    fn rows(&self) -> usize {
        self.fed.len()
    }

    fn len(&self, row: usize) -> usize {
        self.fed[row].len()
    }

    fn mark(&mut self) -> Mark {
        Mark::new(self.fed.iter().map(Vec::len).collect())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> Result<()> {
        let len = mark.target(row, keep, self.fed.get(row).map_or(0, Vec::len))?;
        self.fed[row].truncate(len);
        Ok(())
    }

    fn retain(&mut self, rows: &[usize]) {
        self.fed = rows.iter().map(|&r| self.fed[r].clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewinding_too_far_is_an_error() {
        let mut state = TokenState::new(1);
        let mark = state.mark();
        assert!(state.push(&Ragged::from_rows([[1], [2]])).is_err());
        state.push(&Ragged::from_rows([[1]])).unwrap();
        assert!(state.rewind(0, &mark, 2).is_err());
        assert!(state.rewind(1, &mark, 0).is_err());
        state.rewind(0, &mark, 1).unwrap();
        assert_eq!(state.row(0), [1]);
    }

    #[test]
    fn a_row_named_twice_is_copied() {
        let mut state = TokenState::new(2);
        state.push(&Ragged::from_rows([[1], [2]])).unwrap();
        state.retain(&[1, 0, 1]);
        assert_eq!([state.row(0), state.row(1), state.row(2)], [[2], [1], [2]]);
    }
}
