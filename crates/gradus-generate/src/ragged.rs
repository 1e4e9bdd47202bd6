//! Rows of tokens of different lengths.

/// Rows of token ids, each with its own length; padding does not exist.
///
/// # Examples
/// ```
/// use gradus_generate::Ragged;
/// let tokens = Ragged::from_rows([vec![3, 1], vec![], vec![4]]);
/// assert_eq!((tokens.rows(), tokens.total(), tokens.row(0)), (3, 3, &[3, 1][..]));
/// assert_eq!(tokens.iter().map(<[u32]>::len).max(), Some(2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ragged {
    tokens: Vec<u32>,
    ends: Vec<usize>,
}

impl Ragged {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// One row for each item.
    pub fn from_rows(rows: impl IntoIterator<Item = impl AsRef<[u32]>>) -> Self {
        let mut ragged = Self::new();
        rows.into_iter().for_each(|row| ragged.push(row.as_ref()));
        ragged
    }

    /// Appends a row.
    pub fn push(&mut self, row: &[u32]) {
        self.tokens.extend_from_slice(row);
        self.ends.push(self.tokens.len());
    }

    /// Removes all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.ends.clear();
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Number of tokens in all rows.
    pub fn total(&self) -> usize {
        self.tokens.len()
    }

    /// The tokens of one row.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn row(&self, row: usize) -> &[u32] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.tokens[start..self.ends[row]]
    }

    /// The rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        (0..self.rows()).map(|row| self.row(row))
    }

    /// All tokens, row after row.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }
}
