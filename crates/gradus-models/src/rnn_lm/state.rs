//! What a recurrent language model remembers of each row.

use std::collections::BTreeMap;

use gradus_autograd::Var;
use gradus_generate::{Mark, Ragged, State};
use gradus_tensor::Tensor;

use crate::error::Result;

/// The layers' states of every row; while a mark is open, one for each token since.
#[derive(Debug, Clone)]
pub struct RnnLmState {
    rows: Vec<Row>,
    is_marked: bool,
}

#[derive(Debug, Clone)]
struct Row {
    len: usize,
    /// The id that is fed in place of the start token.
    class: Option<i64>,
    /// States, `[layers, 1, H]` each part: at the mark, then after each token since. Without a mark, the last.
    past: Vec<Vec<Tensor>>,
}

impl Row {
    /// Forgets how it came to the present state.
    fn settle(&mut self) {
        self.past.drain(..self.past.len() - 1);
    }
}

impl RnnLmState {
    /// One row for each entry of `classes`, in the state `zero`.
    pub(super) fn new(zero: &[Tensor], classes: impl IntoIterator<Item = Option<i64>>) -> Self {
        let row = |class| Row { len: 0, class, past: vec![zero.to_vec()] };
        Self { rows: classes.into_iter().map(row).collect(), is_marked: false }
    }

    /// The id of a row's class.
    pub(super) fn class(&self, row: usize) -> Option<i64> {
        self.rows[row].class
    }

    /// Whether tokens may be taken back.
    pub(super) fn is_marked(&self) -> bool {
        self.is_marked
    }

    /// Rows that can share a pass: those that are fed equally many tokens.
    pub(super) fn groups(tokens: &Ragged) -> impl Iterator<Item = Vec<usize>> {
        let mut groups = BTreeMap::<_, Vec<usize>>::new();
        for (row, fed) in tokens.iter().enumerate().filter(|(_, fed)| !fed.is_empty()) {
            groups.entry(fed.len()).or_default().push(row);
        }
        groups.into_values()
    }

    /// The present states of some rows as a batch, `[layers, B, H]` each part.
    pub(super) fn batch(&self, rows: &[usize]) -> Result<Vec<Var>> {
        let now = |&row: &usize| &self.rows[row].past[self.rows[row].past.len() - 1];
        (0..now(&rows[0]).len())
            .map(|part| {
                let each: Vec<&Tensor> = rows.iter().map(|row| &now(row)[part]).collect();
                Ok(Var::constant(Tensor::cat(&each, 1)?))
            })
            .collect()
    }

    /// Takes in the states of a batch of rows, after each of some passes over `fed` tokens.
    pub(super) fn push(&mut self, rows: &[usize], passes: &[Vec<Var>], fed: usize) -> Result<()> {
        let mut new = vec![Vec::new(); rows.len()];
        for states in passes {
            for (slot, past) in new.iter_mut().enumerate() {
                let part = |part: &Var| part.value().narrow(1, slot, 1);
                past.push(states.iter().map(part).collect::<Result<Vec<_>, _>>()?);
            }
        }
        for (&row, new) in rows.iter().zip(new) {
            let row = &mut self.rows[row];
            row.past.extend(new);
            row.len += fed;
            if !self.is_marked {
                row.settle();
            }
        }
        Ok(())
    }
}

impl State for RnnLmState {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn len(&self, row: usize) -> usize {
        self.rows[row].len
    }

    fn mark(&mut self) -> Mark {
        self.rows.iter_mut().for_each(Row::settle);
        self.is_marked = true;
        Mark::new(self.rows.iter().map(|row| row.len).collect())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> gradus_generate::Result<()> {
        let len = mark.target(row, keep, self.rows.get(row).map_or(0, |row| row.len))?;
        let row = &mut self.rows[row];
        let floor = row.len + 1 - row.past.len();
        if len < floor {
            let what = "tokens kept, at least those before the open mark";
            return Err(gradus_generate::Error::Length { what, expected: floor, got: len });
        }
        row.past.truncate(len - floor + 1);
        row.len = len;
        Ok(())
    }

    fn retain(&mut self, rows: &[usize]) {
        self.rows = rows.iter().map(|&row| self.rows[row].clone()).collect();
        self.rows.iter_mut().for_each(Row::settle);
        self.is_marked = false;
    }
}
