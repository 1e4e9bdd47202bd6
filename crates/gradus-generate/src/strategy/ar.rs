//! One position after the other.

use std::ops::ControlFlow;
use std::time::Instant;

use gradus_core::Key;

use crate::{
    Causal, Cell, Dist, Draws, Error, Event, Finish, History, Layout, Logits, Ragged, Request,
    Result, Round, Run, Start, State, Stops, Strategy, Want, Warps,
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
        key: Key,
    ) -> Result<Engine<'m, M>> {
        self.warps.check(model.vocab())?;
        self.stop.check(model.vocab())?;
        let rows = cells.iter().map(|c| Row::new(&self.plan, c)).collect::<Result<Vec<_>>>()?;
        let mut pending = Ragged::new();
        for (r, row) in rows.iter().enumerate() {
            let fed = first_fed(model.start(), r, &row.tokens)?;
            let needed = fed.len() + row.slots.len() - row.tokens.len() - 1;
            if let Some(expected) = model.context().filter(|&context| needed > context) {
                let what = "tokens of a row, at most the model's context";
                return Err(Error::Length { what, expected, got: needed });
            }
            pending.push(&fed);
        }
        Ok(Engine {
            model,
            state: model.begin(rows.len())?,
            ar: self.clone(),
            live: (0..rows.len()).collect(),
            most: rows.iter().map(|r| r.slots.len() - r.prompt).max().unwrap_or(0),
            rows,
            pending,
            logits: Logits::new(model.vocab()),
            dist: Dist::default(),
            key,
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
        let engine = self.engine(model, &cells, request.key())?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

/// What a row is fed before its first draw.
fn first_fed(start: Start, row: usize, prompt: &[u32]) -> Result<Vec<u32>> {
    match start {
        Start::Prompt if prompt.is_empty() => Err(Error::EmptyPrompt { row }),
        Start::IfEmpty(id) if prompt.is_empty() => Ok(vec![id]),
        Start::Always(id) => Ok([&[id], prompt].concat()),
        Start::Prompt | Start::IfEmpty(_) => Ok(prompt.to_vec()),
    }
}

/// A row under way.
struct Row {
    /// Prompt, then generated.
    tokens: Vec<u32>,
    /// How many of the tokens are the prompt.
    prompt: usize,
    /// The position of each token.
    slots: Vec<usize>,
}

impl Row {
    /// What is given must come first in the plan.
    fn new(plan: &Layout, cells: &[Cell]) -> Result<Self> {
        let slots = plan.positions(cells.len())?;
        let tokens: Vec<u32> = slots.iter().map_while(|&at| cells[at].id()).collect();
        let prompt = tokens.len();
        if prompt == slots.len() {
            let what = "positions to draw in a row, at least";
            return Err(Error::Length { what, expected: 1, got: 0 });
        }
        if slots[prompt..].iter().any(|&at| cells[at] != Cell::Masked) {
            let what = "a known position after a masked one";
            return Err(Error::Contradiction { what, with: "drawing one after the other" });
        }
        Ok(Self { tokens, prompt, slots })
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
    logits: Logits,
    dist: Dist,
    key: Key,
}

impl<M: Causal + ?Sized> Engine<'_, M> {
    /// The most calls there can be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Draws one position of the row that stands `slot`-th in the batch.
    fn draw(&mut self, slot: usize, round: &mut Round<'_, u32>) -> Result<Option<Finish>> {
        let r = self.live[slot];
        let row = &mut self.rows[r];
        let at = row.slots[row.tokens.len()];
        let key = self.key.at(self.key.row.wrapping_add(r as u32), at as u32);
        let (prompt, generated) = row.tokens.split_at(row.prompt);
        let history = History { prompt, generated };
        self.ar
            .warps
            .dist_into(self.logits.row_mut(slot), &history, key, &mut self.dist)
            .map_err(|e| e.at(r, at))?;
        let value = match self.ar.pick {
            Pick::Sample => round.draws.token(&self.dist, key)?,
            Pick::Greedy => self.dist.argmax(),
        };
        row.tokens.push(value);
        round.events.push_back(Event::Commit { row: r, at, value, logp: self.dist.p(value).ln() });
        let full = (row.tokens.len() == row.slots.len()).then_some(Finish::Length);
        Ok(self.ar.stop.hit(&row.tokens[row.prompt..]).or(full))
    }
}

impl<M: Causal + ?Sized> crate::Engine<u32> for Engine<'_, M> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        self.logits.clear();
        let start = Instant::now();
        self.model.feed(&mut self.state, &self.pending, Want::Last, &mut self.logits)?;
        round.stats.count_call(self.pending.total(), start.elapsed());
        self.logits.expect_rows(self.live.len())?;
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
