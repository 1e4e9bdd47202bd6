//! One position after the other.

use std::ops::ControlFlow;
use std::time::Instant;

use super::row::{self, Row};
use crate::own::Own;
use crate::prompt::Opening;
use crate::{
    Causal, Cell, Dist, Draws, Event, Finish, Layout, Logits, Ragged, Request, Result, Round, Run,
    State, Stops, Strategy, Want, Warps,
};

/// Autoregression: draw the next position, feed it, repeat. Exact: the output follows the model's
/// (warped) law.
///
/// ```text
/// feed the prompt
/// loop: dist ← warps(logits); x ← draw(dist); commit x; stop?; feed x
/// ```
///
/// Rows may have prompts of different lengths, and a finished row is dropped from the batch. A row's
/// tokens do not depend on the rows beside it.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Request, Strategy, Temperature, Warps};
///
/// let chain = Chain::new(0.1)?;
/// let output = Ar::default().run(&chain, Request::new([1]).seed(7).max(8))?.collect_all()?;
/// assert_eq!(output.row(0).len(), 9);
///
/// let cold = Ar { warps: Warps::none().with(Temperature(0.0)), ..Ar::default() };
/// let output = cold.run(&chain, Request::new([1]).max(8))?.collect_all()?;
/// assert_eq!(output.generated(0), [1; 8]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ar {
    /// What happens to the logits before each draw.
    pub warps: Warps,
    /// What ends a row before its length.
    pub stop: Stops,
    /// How an id is picked from the law.
    pub pick: Pick,
    /// Which positions are drawn. The model sees the tokens of these positions alone, in this order.
    pub plan: Layout,
}

/// How an id is picked from a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Pick {
    /// By a keyed draw.
    #[default]
    Sample,
    /// The most probable one, the lowest id on ties.
    Greedy,
}

impl Ar {
    /// The most probable token at each position.
    pub fn greedy() -> Self {
        Self { pick: Pick::Greedy, ..Self::default() }
    }

    /// Positions 0, k, 2k, … alone: the plan of [`Then`](crate::Then).
    pub fn every(k: usize) -> Self {
        Self { plan: Layout::Every(k), ..Self::default() }
    }

    pub(super) fn engine<'m, M: Causal + ?Sized>(
        &self,
        model: &'m M,
        cells: &[Vec<Cell>],
        request: &Request,
    ) -> Result<Engine<'m, M>> {
        self.warps.check(model.vocab())?;
        self.stop.check(model.vocab())?;
        let (rows, pending) = row::begin(model, &self.plan, cells, request)?;
        let shared = request.shared(model, rows.len());
        let opening = Opening::new(model, pending)?.shared_by(shared);
        Ok(Engine {
            model,
            state: opening.state,
            ar: self.clone(),
            live: (0..rows.len()).collect(),
            most: rows.iter().map(Row::left).max().unwrap_or(0),
            rows,
            pending: Ragged::from_rows(opening.pending),
            reused: opening.reused,
            shared,
            own: Own::new(request.top()),
            logits: Logits::new(model.vocab()),
            dist: Dist::default(),
        })
    }
}

impl<M: Causal + ?Sized> Strategy<M> for Ar {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        let cells = request.cells(model.vocab())?;
        let engine = self.engine(model, &cells, &request)?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

pub(super) struct Engine<'m, M: Causal + ?Sized> {
    model: &'m M,
    state: M::State,
    ar: Ar,
    rows: Vec<Row>,
    /// The request's row of each row of the state.
    live: Vec<usize>,
    /// The most calls there can be.
    most: usize,
    pending: Ragged,
    /// Tokens that the model need not be fed, until they are counted.
    reused: u64,
    /// How many rows go on from each of those that are fed; 1 after the first call.
    shared: usize,
    own: Own,
    logits: Logits,
    dist: Dist,
}

impl<M: Causal + ?Sized> Engine<'_, M> {
    /// The most calls there can be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// After the first call, the other samples of a prompt go on from where it was fed.
    fn share(&mut self) {
        let n = std::mem::replace(&mut self.shared, 1);
        if n > 1 {
            let of = |r: usize| r / n;
            self.logits.select(&(0..self.rows.len()).map(of).collect::<Vec<_>>());
            self.state.retain(&(0..self.rows.len()).map(|r| of(r) * n).collect::<Vec<_>>());
        }
    }

    /// Draws one position of the row that stands `slot`-th in the batch.
    fn draw(&mut self, slot: usize, round: &mut Round<'_, u32>) -> Result<Option<Finish>> {
        let row = &mut self.rows[self.live[slot]];
        let (r, at, key) = (row.number, row.position(0), row.key(0));
        self.own.read(self.logits.row(slot)).map_err(|e| e.at(r, at))?;
        self.ar
            .warps
            .dist_into(self.logits.row_mut(slot), &row.history(), key, &mut self.dist)
            .map_err(|e| e.at(r, at))?;
        let value = match self.ar.pick {
            Pick::Sample => round.draws.token(&self.dist, key)?,
            Pick::Greedy => self.dist.argmax(),
        };
        let logp = self.dist.p(value).ln();
        round.events.push_back(Event::Commit { row: r, at, value, logp });
        if let Some(own) = self.own.law(value) {
            own.send(r, at, value, round.events);
        }
        Ok(row.push(value, logp, &self.ar.stop))
    }
}

impl<M: Causal + ?Sized> crate::Engine<u32> for Engine<'_, M> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        self.logits.clear();
        let start = Instant::now();
        self.model.feed(&mut self.state, &self.pending, Want::Last, &mut self.logits)?;
        round.stats.count_call(self.pending.total(), start.elapsed());
        self.logits.expect_rows(self.live.len() / self.shared)?;
        self.share();
        round.stats.reused += std::mem::take(&mut self.reused);
        self.pending.clear();
        let mut kept = Vec::with_capacity(self.live.len());
        for slot in 0..self.live.len() {
            let row = self.live[slot];
            match self.draw(slot, round)? {
                Some(why) => round.events.push_back(Event::Done { row, why }),
                None => {
                    kept.push(slot);
                    self.pending.push(&self.rows[row].tokens[self.rows[row].tokens.len() - 1..]);
                }
            }
        }
        let call = round.stats.calls as usize;
        round.events.push_back(Event::Round { call, of: Some(self.most) });
        if kept.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        if kept.len() < self.live.len() {
            self.state.retain(&kept);
            self.live = kept.iter().map(|&slot| self.live[slot]).collect();
        }
        Ok(ControlFlow::Continue(()))
    }
}
