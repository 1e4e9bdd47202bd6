//! First a plan, then the details.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::{ar, parallel};
use crate::request::canvas_of;
use crate::{
    Ar, Both, Causal, Draws, Error, Event, Masked, Parallel, Request, Result, Round, Run, Strategy,
};

/// A plan drawn one position after the other, then the details around it, many at once.
///
/// The plan's [`Layout`](crate::Layout) says which positions it draws; its model sees their tokens
/// alone. The detail model then fills the rest of the canvas.
///
/// # Examples
/// On a Markov chain every odd position depends on its even neighbours alone, so this is exact, in
/// 5 calls instead of 8:
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Both, Request, Strategy, Then};
///
/// let chain = Chain::new(0.1)?;
/// let model = Both { plan: chain.every(2)?, detail: &chain };
/// let output = Then { plan: Ar::every(2), ..Then::default() }.run(&model, Request::blank(8))?.collect_all()?;
/// assert_eq!((output.row(0).len(), output.stats.calls), (8, 5));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Then<A = Ar, B = Parallel> {
    /// Draws the plan.
    pub plan: A,
    /// Draws the rest.
    pub detail: B,
    /// How the details learn of the plan.
    pub join: Join,
}

/// How the details learn of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Join {
    /// The plan's tokens stand on the canvas as given positions.
    #[default]
    Fix,
}

impl<P: Causal, D: Masked> Strategy<Both<P, D>> for Then<Ar, Parallel> {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m Both<P, D>,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        let Join::Fix = self.join;
        let (expected, got) = (model.detail.vocab(), model.plan.vocab());
        if expected != got {
            let what = "vocabulary of the plan, as large as that of the details";
            return Err(Error::Length { what, expected, got });
        }
        if !self.plan.stop.is_empty() || request.has_stops() {
            let (what, with) = ("a plan that may stop early", "details at given positions");
            return Err(Error::Contradiction { what, with });
        }
        let cells = request.cells(expected)?;
        let canvas = canvas_of(&cells)?;
        let mut planned = canvas.clone();
        for at in self.plan.plan.positions(canvas.len())? {
            (0..canvas.rows()).try_for_each(|row| planned.fix(row, at, 0))?;
        }
        self.detail.check(expected, &planned)?;
        let plan = self.plan.engine(&model.plan, &cells, &request)?;
        let rooms = std::iter::once(0..canvas.len()).collect();
        let detail = self.detail.clone();
        let mut detail = parallel::Engine::new(detail, &model.detail, planned, rooms, &request);
        detail.before = plan.most();
        let most = detail.most();
        detail.canvas = canvas;
        let engine = Engine { plan: Some(plan), detail, most };
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

struct Engine<'m, P: Causal, D> {
    /// Until the plan is made.
    plan: Option<ar::Engine<'m, P>>,
    detail: parallel::Engine<'m, D>,
    /// The most calls there can be.
    most: usize,
}

impl<P: Causal, D: Masked> crate::Engine<u32> for Engine<'_, P, D> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        let Some(plan) = &mut self.plan else { return self.detail.step(round) };
        let mut events = VecDeque::new();
        let inner = &mut Round { draws: round.draws, events: &mut events, stats: round.stats };
        let flow = plan.step(inner)?;
        for event in events {
            match event {
                Event::Commit { row, at, value, .. } => self.detail.canvas.fix(row, at, value)?,
                Event::Round { call, .. } => {
                    round.events.push_back(Event::Round { call, of: Some(self.most) });
                    continue;
                }
                // The row goes on: its details are still to come.
                Event::Done { .. } => continue,
                Event::Revise { .. } | Event::Own { .. } => {}
            }
            round.events.push_back(event);
        }
        if flow.is_continue() {
            return Ok(flow);
        }
        self.plan = None;
        let left =
            (0..self.detail.canvas.rows()).any(|r| self.detail.canvas.masked(r).next().is_some());
        Ok(if left { ControlFlow::Continue(()) } else { flow })
    }
}
