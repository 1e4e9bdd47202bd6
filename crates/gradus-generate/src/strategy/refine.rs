//! Runs of strategies that mask known positions again.

use std::ops::ControlFlow;

use gradus_core::Key;

use crate::request::canvas_of;
use crate::{Canvas, Draws, Event, Finish, Masked, Request, Result, Round, Run, Step};

/// One call after the other on a whole canvas.
pub(super) trait Rule {
    /// What a call makes of a canvas, and whether it is the last.
    fn step<M: Masked + ?Sized>(
        &mut self,
        model: &M,
        canvas: &Canvas,
        turn: Turn,
        draws: &mut dyn Draws,
    ) -> Result<(Step, ControlFlow<()>)>;
}

/// Which call of a run it is.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) call: usize,
    /// The request's key.
    pub(super) key: Key,
    /// How many of the most probable ids are reported; `None` if nothing is.
    pub(super) top: Option<usize>,
}

/// Starts a run of at most `calls` calls.
pub(super) fn start<'m, M: Masked + ?Sized>(
    model: &'m M,
    rule: impl Rule + 'm,
    calls: usize,
    request: &Request,
    draws: impl Draws + 'm,
) -> Result<Run<'m>> {
    request.refuse_stops()?;
    let cells = request.cells(model.vocab())?;
    let engine = Engine::new(model, rule, calls, canvas_of(&cells)?, request);
    Ok(Run::of(&cells, request, engine, draws))
}

pub(super) struct Engine<'m, M: ?Sized, R> {
    model: &'m M,
    rule: R,
    canvas: Canvas,
    /// Positions that have had a value.
    known: Vec<Vec<bool>>,
    /// The next call.
    turn: Turn,
    /// The most calls there can be.
    calls: usize,
}

impl<'m, M: Masked + ?Sized, R: Rule> Engine<'m, M, R> {
    /// For at most `calls` calls.
    pub(super) fn new(
        model: &'m M,
        rule: R,
        calls: usize,
        canvas: Canvas,
        request: &Request,
    ) -> Self {
        let known = (0..canvas.rows()).map(|row| canvas.fixed(row).to_vec()).collect();
        let turn = Turn { call: 0, key: request.key(), top: request.top() };
        Self { model, rule, canvas, known, turn, calls }
    }
}

impl<M: Masked + ?Sized, R: Rule> crate::Engine<u32> for Engine<'_, M, R> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        let (step, flow) = self.rule.step(self.model, &self.canvas, self.turn, round.draws)?;
        self.turn.call += 1;
        self.canvas = step.canvas;
        if !step.drawn.is_empty() {
            round.stats.count_call(step.fed, step.time);
        }
        for (k, d) in step.drawn.iter().enumerate() {
            let (row, at, value, logp) = (d.row, d.at, d.id, d.logp);
            let before = std::mem::replace(&mut self.known[row][at], true);
            round.stats.revised += u64::from(before);
            round.events.push_back(if before {
                Event::Revise { row, at, value, logp }
            } else {
                Event::Commit { row, at, value, logp }
            });
            if let Some(own) = step.own.get(k) {
                own.send(row, at, value, round.events);
            }
        }
        let call = round.stats.calls as usize;
        round.events.push_back(Event::Round { call, of: Some(self.calls) });
        if flow.is_break() {
            let rows = 0..self.canvas.rows();
            round.events.extend(rows.map(|row| Event::Done { row, why: Finish::Full }));
        }
        Ok(flow)
    }
}
