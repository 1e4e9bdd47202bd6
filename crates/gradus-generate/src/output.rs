//! What a run leaves.

use crate::{Event, Finish, Stats};

/// The joined events of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Output<T = u32> {
    cells: Vec<Vec<Option<T>>>,
    /// For each position, its log-probability if it was drawn.
    logps: Vec<Vec<Option<f64>>>,
    /// Why each row ended.
    pub finish: Vec<Finish>,
    /// What it cost.
    pub stats: Stats,
}

impl<T: Copy> Output<T> {
    /// Before any event: only what is given is known.
    pub(crate) fn new(given: Vec<Vec<Option<T>>>) -> Self {
        let logps = given.iter().map(|row| vec![None; row.len()]).collect();
        let finish = vec![Finish::Full; given.len()];
        Self { cells: given, logps, finish, stats: Stats::default() }
    }

    pub(crate) fn join(&mut self, event: &Event<T>) {
        match *event {
            Event::Commit { row, at, value, logp } | Event::Revise { row, at, value, logp } => {
                self.cells[row][at] = Some(value);
                self.logps[row][at] = Some(logp);
            }
            Event::Done { row, why } => self.finish[row] = why,
            Event::Round { .. } => {}
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.cells.len()
    }

    /// The known values of a row, given and drawn, in the order of their positions.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn row(&self, row: usize) -> Vec<T> {
        self.cells[row].iter().flatten().copied().collect()
    }

    /// The drawn values of a row, in the order of their positions.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn generated(&self, row: usize) -> Vec<T> {
        let drawn = |(cell, logp): (&Option<T>, &Option<f64>)| logp.and(*cell);
        self.cells[row].iter().zip(&self.logps[row]).filter_map(drawn).collect()
    }

    /// Every position of a row; `None` where a row ended early or the run was cancelled.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn cells(&self, row: usize) -> &[Option<T>] {
        &self.cells[row]
    }

    /// For every position of a row, the log-probability of its value in the warped law it was drawn
    /// from, in nats; `None` if it was not drawn.
    ///
    /// Their sum is the row's log-probability for autoregressive strategies only.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn log_probs(&self, row: usize) -> &[Option<f64>] {
        &self.logps[row]
    }
}
