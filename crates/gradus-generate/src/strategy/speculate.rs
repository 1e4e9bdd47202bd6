//! Propose, check in one call, keep what is right: the engine of [`Draft`](crate::Draft) and
//! [`Jacobi`](crate::Jacobi).
//!
//! ```text
//! feed the prompt but for its last token
//! loop: mark; propose x₁ … x_γ; feed the last token and x₁ … x_γ, asking for all logits
//!       from left to right: judge x_i, commit a token, stop at the first that is not x_i
//!       rewind to what was right; the last committed token is fed next
//! ```

use std::ops::ControlFlow;
use std::time::Instant;

use super::drafter::{Ask, Drafter, Hand};
use super::row::{self, Row};
use crate::own::Own;
use crate::prompt::Opening;
use crate::{
    Causal, Cell, Dist, Error, Event, Finish, History, Layout, Logits, Proposal, Ragged, Request,
    Result, Round, Rule, State, Stops, Want, Warps,
};

/// How to speculate.
pub(super) struct Plan {
    /// The most proposals of a row and call.
    pub(super) ahead: usize,
    pub(super) rule: Rule,
    pub(super) warps: Warps,
    pub(super) stop: Stops,
}

pub(super) struct Engine<'m, M: Causal + ?Sized, D: Drafter> {
    model: &'m M,
    drafter: &'m D,
    plan: Plan,
    state: M::State,
    drafts: D::State,
    /// Those that are not done.
    rows: Vec<Row>,
    /// What each of them is fed next.
    pending: Vec<Vec<u32>>,
    /// What the target drew after the first proposal that was not kept.
    rest: Vec<Vec<u32>>,
    /// Tokens that the model need not be fed, until they are counted.
    reused: u64,
    /// How many rows go on from one prompt.
    shared: usize,
    own: Own,
    logits: Logits,
    dist: Dist,
    /// The most calls there can be.
    most: usize,
}

/// What became of the proposals of a row.
struct Verdict {
    kept: usize,
    done: Option<Finish>,
}

impl<'m, M: Causal + ?Sized, D: Drafter> Engine<'m, M, D> {
    pub(super) fn new(
        model: &'m M,
        drafter: &'m D,
        plan: Plan,
        cells: &[Vec<Cell>],
        request: &Request,
    ) -> Result<Self> {
        plan.warps.check(model.vocab())?;
        plan.stop.check(model.vocab())?;
        let (rows, pending) = row::begin(model, &Layout::All, cells, request)?;
        let longest = cells.iter().map(Vec::len).max().unwrap_or(0);
        drafter.check(model.vocab(), longest)?;
        let most = rows.iter().map(Row::left).max().unwrap_or(0) + 1;
        let opening = Opening::new(model, pending)?;
        Ok(Self {
            model,
            state: opening.state,
            drafts: drafter.begin(rows.len())?,
            drafter,
            plan,
            rest: vec![Vec::new(); rows.len()],
            rows,
            pending: opening.pending,
            reused: opening.reused,
            shared: request.shared(model, cells.len()),
            own: Own::new(request.top()),
            logits: Logits::new(model.vocab()),
            dist: Dist::default(),
            most,
        })
    }

    /// Feeds the prompts but for their last tokens, whose logits nobody needs.
    fn prefill(&mut self, round: &mut Round<'_, u32>) -> Result<bool> {
        if round.stats.calls > 0 {
            return Ok(false);
        }
        round.stats.reused += self.reused;
        if self.pending.iter().all(|tokens| tokens.len() == 1) {
            return Ok(false);
        }
        let mut prompts = Ragged::new();
        for (r, tokens) in self.pending.iter_mut().enumerate() {
            let last = tokens.split_off(tokens.len() - 1);
            let prompt = std::mem::replace(tokens, last);
            // The other samples of a prompt go on from where the first one is fed.
            let leads = r % self.shared == 0;
            prompts.push(if leads { &prompt } else { &[] });
            round.stats.reused += if leads { 0 } else { prompt.len() as u64 };
        }
        self.call(&prompts, Want::None, round)?;
        if self.shared > 1 {
            let leader = |r: usize| r / self.shared * self.shared;
            self.state.retain(&(0..self.rows.len()).map(leader).collect::<Vec<_>>());
        }
        Ok(true)
    }

    fn call(&mut self, tokens: &Ragged, want: Want, round: &mut Round<'_, u32>) -> Result<()> {
        self.logits.clear();
        let start = Instant::now();
        self.model.feed(&mut self.state, tokens, want, &mut self.logits)?;
        round.stats.count_call(tokens.total(), start.elapsed());
        self.logits.expect_rows(if want == Want::None { 0 } else { tokens.total() })
    }

    fn propose(&mut self, round: &mut Round<'_, u32>) -> Result<Vec<Vec<Proposal>>> {
        let start = Instant::now();
        let asks: Vec<Ask<'_>> = self
            .rows
            .iter()
            .zip(&self.rest)
            .map(|(row, rest)| Ask {
                history: row.history(),
                row: row.number,
                // The last position is drawn from the logits after the proposals.
                ahead: self.plan.ahead.min(row.left() - 1),
                key: row.key(0),
                rest,
            })
            .collect();
        let (warps, kind) = (&self.plan.warps, self.plan.rule.kind());
        let mut hand = Hand { warps, kind, draws: round.draws, stats: round.stats };
        let mut proposals = self.drafter.propose(&mut self.drafts, &asks, &mut hand)?;
        for (of_row, ask) in proposals.iter_mut().zip(&asks) {
            of_row.truncate(ask.ahead);
            let mut ids = of_row.iter().map(|p| p.token);
            let vocab = self.model.vocab();
            if let Some(id) = ids.find(|&id| id as usize >= vocab) {
                return Err(Error::OutOfVocab { what: "proposals", id, vocab });
            }
        }
        round.stats.drafted += proposals.iter().map(|p| p.len() as u64).sum::<u64>();
        round.stats.draft += start.elapsed();
        Ok(proposals)
    }

    /// Judges the proposals of one row, whose logits start at row `first`.
    fn verify(
        &mut self,
        slot: usize,
        first: usize,
        proposals: &[Proposal],
        round: &mut Round<'_, u32>,
    ) -> Result<Verdict> {
        let mut kept = 0;
        loop {
            let row = &mut self.rows[slot];
            let (number, at, key) = (row.number, row.position(0), row.key(0));
            self.own.read(self.logits.row(first + kept)).map_err(|e| e.at(number, at))?;
            let logits = self.logits.row_mut(first + kept);
            self.plan
                .warps
                .dist_into(logits, &row.history(), key, &mut self.dist)
                .map_err(|e| e.at(number, at))?;
            let proposal = proposals.get(kept);
            let (value, right) = self.plan.rule.judge(&self.dist, proposal, key, round.draws)?;
            let logp = self.dist.p(value).ln();
            round.events.push_back(Event::Commit { row: number, at, value, logp });
            if let Some(own) = self.own.law(value) {
                own.send(number, at, value, round.events);
            }
            kept += usize::from(right);
            let done = row.push(value, logp, &self.plan.stop);
            if done.is_some() || !right {
                return Ok(Verdict { kept, done });
            }
        }
    }

    /// What the target draws after the proposals that were not kept.
    fn draw_rest(
        &mut self,
        slot: usize,
        first: usize,
        wrong: &[Proposal],
        round: &mut Round<'_, u32>,
    ) -> Result<()> {
        let row = &self.rows[slot];
        let ids: Vec<u32> = wrong.iter().map(|p| p.token).collect();
        // The first wrong proposal stands where a token was committed just now.
        let (prompt, generated) = row.tokens[..row.tokens.len() - 1].split_at(row.prompt);
        self.rest[slot].clear();
        for k in 0..wrong.len().min(row.left()) {
            let generated = [generated, &ids[..=k]].concat();
            let logps = [&row.logps[..], &vec![0.0; k]].concat();
            let history = History { prompt, generated: &generated, logps: &logps };
            let (key, logits) = (row.key(k), self.logits.row_mut(first + k));
            // A row that cannot be drawn from after a wrong guess is nobody's fault.
            if self.plan.warps.dist_into(logits, &history, key, &mut self.dist).is_err() {
                break;
            }
            self.rest[slot].push(round.draws.token(&self.dist, key)?);
        }
        Ok(())
    }
}

impl<M: Causal + ?Sized, D: Drafter> crate::Engine<u32> for Engine<'_, M, D> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        if self.prefill(round)? {
            let call = round.stats.calls as usize;
            round.events.push_back(Event::Round { call, of: Some(self.most) });
            return Ok(ControlFlow::Continue(()));
        }
        let proposals = self.propose(round)?;
        let mut fed = Ragged::new();
        for (pending, proposals) in self.pending.iter().zip(&proposals) {
            let ids = proposals.iter().map(|p| p.token);
            fed.push(&pending.iter().copied().chain(ids).collect::<Vec<_>>());
        }
        let mark = self.state.mark();
        self.call(&fed, Want::All, round)?;
        let (mut first, mut live) = (0, Vec::new());
        for (slot, proposals) in proposals.iter().enumerate() {
            let verdict = self.verify(slot, first, proposals, round)?;
            round.stats.accepted += verdict.kept as u64;
            let row = &self.rows[slot];
            if let Some(why) = verdict.done {
                round.events.push_back(Event::Done { row: row.number, why });
            } else {
                live.push(slot);
                self.state.rewind(slot, &mark, 1 + verdict.kept)?;
                self.drafter.settle(&mut self.drafts, slot, &row.tokens)?;
                self.pending[slot] = row.tokens[row.tokens.len() - 1..].to_vec();
                if D::WANTS_REST {
                    let wrong = &proposals[verdict.kept..];
                    self.draw_rest(slot, first + verdict.kept + 1, wrong, round)?;
                }
            }
            first += 1 + proposals.len();
        }
        let call = round.stats.calls as usize;
        round.events.push_back(Event::Round { call, of: Some(self.most) });
        self.keep(&live);
        Ok(if live.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

impl<M: Causal + ?Sized, D: Drafter> Engine<'_, M, D> {
    /// Drops the rows that are done.
    fn keep(&mut self, live: &[usize]) {
        if live.len() == self.rows.len() || live.is_empty() {
            return;
        }
        self.state.retain(live);
        self.drafter.retain(&mut self.drafts, live);
        let mut slot = 0..;
        let mut kept = || slot.next().is_some_and(|s| live.contains(&s));
        self.rows.retain(|_| kept());
        let of = |all: &[Vec<u32>]| live.iter().map(|&s| all[s].clone()).collect();
        (self.pending, self.rest) = (of(&self.pending), of(&self.rest));
    }
}
