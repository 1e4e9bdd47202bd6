//! What a model answers: rows of logits.

use crate::{Error, Result};

/// Rows of `vocab` logits, kept in f64 whatever the model computes in.
///
/// A model appends its rows with [`Logits::extend`]; warps then work on them in place.
///
/// # Examples
/// ```
/// use gradus_generate::Logits;
/// let mut out = Logits::new(3);
/// out.extend(&[0.5f32, 1.0, -2.0, 0.0, 0.0, 0.0])?;
/// assert_eq!((out.rows(), out.row(0)), (2, &[0.5, 1.0, -2.0][..]));
/// assert!(out.extend(&[1.0f64]).is_err());
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logits {
    vocab: usize,
    values: Vec<f64>,
}

impl Logits {
    /// No rows, for a vocabulary of this size.
    pub fn new(vocab: usize) -> Self {
        Self { vocab, values: Vec::new() }
    }

    /// Removes all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Appends whole rows, of f32 or f64.
    ///
    /// # Errors
    /// [`Error::Length`] if the number of values is not a multiple of the vocabulary size.
    pub fn extend<T: Copy + Into<f64>>(&mut self, values: &[T]) -> Result<()> {
        if self.vocab == 0 || !values.len().is_multiple_of(self.vocab) {
            let what = "logits, in whole rows of the vocabulary size";
            return Err(Error::Length { what, expected: self.vocab, got: values.len() });
        }
        self.values.extend(values.iter().map(|&v| v.into()));
        Ok(())
    }

    /// Number of ids of a row.
    pub fn vocab(&self) -> usize {
        self.vocab
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.vocab).unwrap_or(0)
    }

    /// One row.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.vocab..(row + 1) * self.vocab]
    }

    /// One row, to be changed in place.
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.vocab..(row + 1) * self.vocab]
    }

    /// Keeps the named rows, in this order.
    pub(crate) fn select(&mut self, rows: &[usize]) {
        self.values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
    }

    /// Refuses an answer with the wrong number of rows.
    pub(crate) fn expect_rows(&self, expected: usize) -> Result<()> {
        let got = self.rows();
        let what = "rows of logits the model answered";
        if got == expected { Ok(()) } else { Err(Error::Length { what, expected, got }) }
    }
}
