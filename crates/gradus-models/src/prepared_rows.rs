//! Rows that are fed by a net with its weights laid out anew.

use std::fmt::Debug;
use std::sync::Arc;

use gradus_generate::{Logits, Mark, Ragged, State, Want};

use crate::error::{Result, for_strategy};

/// A net in numbers of one type, which feeds one row after the other.
pub(crate) trait PreparedNet: Debug {
    /// What it remembers of a row.
    type Row: Clone + Debug;
    /// Memory that is used again from row to row.
    type Scratch: Default;

    /// A row without a past, given a row of the condition.
    fn row(&self, condition: usize) -> Self::Row;

    /// How many tokens a row was fed.
    fn len(row: &Self::Row) -> usize;

    /// Refuses tokens that cannot be fed.
    fn check(&self, row: &Self::Row, fed: &[u32]) -> Result<()>;

    /// Feeds tokens that were checked, and appends the wanted logits.
    fn feed(
        &self,
        row: &mut Self::Row,
        fed: (&[u32], Want),
        scratch: &mut Self::Scratch,
        out: &mut Logits,
    ) -> gradus_generate::Result<()>;

    /// From now on tokens may be taken back.
    fn mark(row: &mut Self::Row);

    /// What was fed is certain.
    fn close(row: &mut Self::Row);

    /// Forgets all but the first `len` tokens.
    fn rewind(&self, row: &mut Self::Row, len: usize) -> gradus_generate::Result<()>;
}

/// Rows of a net in `f32` or in `f64`.
#[derive(Debug)]
pub(crate) enum PreparedRows<S: PreparedNet, D: PreparedNet> {
    F32(RowsOf<S>),
    F64(RowsOf<D>),
}

/// A net, which all clones share, and its rows.
#[derive(Debug)]
pub(crate) struct RowsOf<N: PreparedNet> {
    net: Arc<N>,
    rows: Vec<N::Row>,
}

/// Does the same to rows of either type.
macro_rules! each {
    ($state:expr, $rows:ident => $do:expr) => {
        match $state {
            PreparedRows::F32($rows) => $do,
            PreparedRows::F64($rows) => $do,
        }
    };
}

impl<S: PreparedNet, D: PreparedNet> PreparedRows<S, D> {
    /// Checks everything, then feeds row after row.
    pub(crate) fn feed(
        &mut self,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        let (expected, got) = (self.rows(), tokens.rows());
        if expected != got {
            let what = "rows fed to a state";
            return Err(gradus_generate::Error::Length { what, expected, got });
        }
        each!(self, of => of.feed(tokens, want, out))
    }
}

impl<N: PreparedNet> RowsOf<N> {
    /// One row for each of these rows of the condition.
    pub(crate) fn new(net: &Arc<N>, conditions: impl Iterator<Item = usize>) -> Self {
        Self { net: Arc::clone(net), rows: conditions.map(|row| net.row(row)).collect() }
    }

    fn feed(
        &mut self,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        for (row, fed) in self.rows.iter().zip(tokens.iter()) {
            self.net.check(row, fed).map_err(for_strategy)?;
        }
        let scratch = &mut N::Scratch::default();
        for (row, fed) in self.rows.iter_mut().zip(tokens.iter()) {
            self.net.feed(row, (fed, want), scratch, out)?;
        }
        Ok(())
    }
}

// Derived, these would ask that the nets can be cloned, which are shared.
impl<S: PreparedNet, D: PreparedNet> Clone for PreparedRows<S, D> {
    fn clone(&self) -> Self {
        match self {
            Self::F32(of) => Self::F32(of.clone()),
            Self::F64(of) => Self::F64(of.clone()),
        }
    }
}

impl<N: PreparedNet> Clone for RowsOf<N> {
    fn clone(&self) -> Self {
        Self { net: Arc::clone(&self.net), rows: self.rows.clone() }
    }
}

impl<S: PreparedNet, D: PreparedNet> State for PreparedRows<S, D> {
    fn rows(&self) -> usize {
        each!(self, of => of.rows.len())
    }

    fn len(&self, row: usize) -> usize {
        match self {
            Self::F32(of) => S::len(&of.rows[row]),
            Self::F64(of) => D::len(&of.rows[row]),
        }
    }

    fn mark(&mut self) -> Mark {
        match self {
            Self::F32(of) => of.rows.iter_mut().for_each(S::mark),
            Self::F64(of) => of.rows.iter_mut().for_each(D::mark),
        }
        Mark::new((0..self.rows()).map(|row| self.len(row)).collect())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> gradus_generate::Result<()> {
        let len = if row < self.rows() { self.len(row) } else { 0 };
        let target = mark.target(row, keep, len)?;
        each!(self, of => of.net.rewind(&mut of.rows[row], target))
    }

    fn retain(&mut self, rows: &[usize]) {
        match self {
            Self::F32(of) => of.retain(rows),
            Self::F64(of) => of.retain(rows),
        }
    }
}

impl<N: PreparedNet> RowsOf<N> {
    fn retain(&mut self, rows: &[usize]) {
        self.rows = rows.iter().map(|&row| self.rows[row].clone()).collect();
        self.rows.iter_mut().for_each(N::close);
    }
}

/// Stamps a public state around such rows.
macro_rules! state_of_rows {
    ($state:ident) => {
        impl gradus_generate::State for $state {
            fn rows(&self) -> usize {
                self.0.rows()
            }

            fn len(&self, row: usize) -> usize {
                self.0.len(row)
            }

            fn mark(&mut self) -> gradus_generate::Mark {
                self.0.mark()
            }

            fn rewind(
                &mut self,
                row: usize,
                mark: &gradus_generate::Mark,
                keep: usize,
            ) -> gradus_generate::Result<()> {
                self.0.rewind(row, mark, keep)
            }

            fn retain(&mut self, rows: &[usize]) {
                self.0.retain(rows);
            }
        }
    };
}
pub(crate) use state_of_rows;
