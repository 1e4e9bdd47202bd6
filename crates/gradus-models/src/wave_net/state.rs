//! What a WaveNet remembers of each row.

use std::sync::Arc;

use gradus_generate::{Logits, Mark, Ragged, State, Want};

use super::net::NAME;
use super::prepared::Prepared;
use super::row::{Row, Scratch};
use crate::error::{Error, Result, for_strategy};
use crate::inputs::check_fed;
use crate::real::Real;

/// One queue of past inputs for each layer of each row, as long as the layer reaches back.
///
/// While a mark is open, queues hold what was fed since, too.
#[derive(Debug, Clone)]
pub struct WaveNetState {
    pub(super) rows: Rows,
}

/// In the dtype of the net.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    F32(RowsOf<f32>),
    F64(RowsOf<f64>),
}

#[derive(Debug, Clone)]
pub(super) struct RowsOf<T> {
    net: Arc<Prepared<T>>,
    rows: Vec<Row<T>>,
}

impl<T: Real> RowsOf<T> {
    /// One row for each of these rows of the condition.
    pub(super) fn new(net: &Arc<Prepared<T>>, conditions: impl Iterator<Item = usize>) -> Self {
        let rows = conditions.map(|row| Row::new(net, row)).collect();
        Self { net: Arc::clone(net), rows }
    }

    /// Checks everything, then feeds row after row.
    pub(super) fn feed(
        &mut self,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        for (row, fed) in self.rows.iter().zip(tokens.iter()) {
            self.check(row, fed).map_err(for_strategy)?;
        }
        let scratch = &mut Scratch::default();
        for (row, fed) in self.rows.iter_mut().zip(tokens.iter()) {
            row.feed(&self.net, fed, want, scratch, out)?;
        }
        Ok(())
    }

    fn check(&self, row: &Row<T>, fed: &[u32]) -> Result<()> {
        check_fed(NAME, row.len, fed, self.net.levels)?;
        let got = row.len + fed.len();
        match self.net.context.filter(|&context| got > context) {
            Some(context) => Err(Error::Context { model: NAME, got, context }),
            None => Ok(()),
        }
    }
}

/// Does the same to rows of either dtype.
macro_rules! each {
    ($state:expr, $rows:ident => $do:expr) => {
        match $state {
            Rows::F32($rows) => $do,
            Rows::F64($rows) => $do,
        }
    };
}

impl WaveNetState {
    pub(super) fn feed(
        &mut self,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        each!(&mut self.rows, rows => rows.feed(tokens, want, out))
    }
}

impl State for WaveNetState {
    fn rows(&self) -> usize {
        each!(&self.rows, of => of.rows.len())
    }

    fn len(&self, row: usize) -> usize {
        each!(&self.rows, of => of.rows[row].len)
    }

    fn mark(&mut self) -> Mark {
        each!(&mut self.rows, of => {
            of.rows.iter_mut().for_each(Row::mark);
            Mark::new(of.rows.iter().map(|row| row.len).collect())
        })
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> gradus_generate::Result<()> {
        each!(&mut self.rows, of => {
            let target = mark.target(row, keep, of.rows.get(row).map_or(0, |row| row.len))?;
            of.rows[row].rewind(target, of.net.width)
        })
    }

    fn retain(&mut self, rows: &[usize]) {
        each!(&mut self.rows, of => {
            of.rows = rows.iter().map(|&row| of.rows[row].clone()).collect();
            of.rows.iter_mut().for_each(Row::close);
        });
    }
}
