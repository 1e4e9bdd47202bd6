//! What a run leaves.

use std::collections::BTreeMap;

use crate::{Event, Finish, Stats};

/// The joined events of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Output<T = u32> {
    cells: Vec<Vec<Option<T>>>,
    /// For each position, its log-probability if it was drawn.
    logps: Vec<Vec<Option<f64>>>,
    /// The same in the model's own law, if asked for.
    own: Vec<Vec<Option<f64>>>,
    /// The most probable values in that law.
    top: BTreeMap<(usize, usize), Vec<(T, f64)>>,
    /// Why each row ended.
    pub finish: Vec<Finish>,
    /// What it cost.
    pub stats: Stats,
}

impl<T: Copy> Output<T> {
    /// Before any event: only what is given is known.
    pub(crate) fn new(given: Vec<Vec<Option<T>>>) -> Self {
        let logps: Vec<Vec<_>> = given.iter().map(|row| vec![None; row.len()]).collect();
        let finish = vec![Finish::Full; given.len()];
        let (own, top) = (logps.clone(), BTreeMap::new());
        Self { cells: given, logps, own, top, finish, stats: Stats::default() }
    }

    pub(crate) fn join(&mut self, event: &Event<T>) {
        match *event {
            Event::Commit { row, at, value, logp } | Event::Revise { row, at, value, logp } => {
                self.cells[row][at] = Some(value);
                self.logps[row][at] = Some(logp);
            }
            Event::Own { row, at, logp, rank: None, .. } => {
                self.own[row][at] = Some(logp);
                self.top.remove(&(row, at));
            }
            Event::Own { row, at, value, logp, .. } => {
                self.top.entry((row, at)).or_default().push((value, logp));
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

    /// The same in the model's own law, before any warp; `None` everywhere unless
    /// [`Request::log_probs`](crate::Request::log_probs) asked for it. For autoregressive strategies
    /// these are what [`score`](crate::score()) says.
    ///
    /// # Panics
    /// If there is no such row, as slice indexing does.
    pub fn own_log_probs(&self, row: usize) -> &[Option<f64>] {
        &self.own[row]
    }

    /// The most probable values of a position in the model's own law with their log-probabilities, the
    /// best first: as many as [`Request::log_probs`](crate::Request::log_probs) asked for.
    pub fn alternatives(&self, row: usize, at: usize) -> &[(T, f64)] {
        self.top.get(&(row, at)).map_or(&[], Vec::as_slice)
    }
}
