//! First a plan, then the details.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::ar;
use super::on_canvas::OnCanvas;
use crate::request::canvas_of;
use crate::{
    Ar, Both, Canvas, Causal, Draws, Error, Event, Masked, Parallel, Request, Result, Round, Run,
    Strategy,
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
///
/// # Levels of codes
/// Residual codebooks of audio go from coarse to fine: the first level one frame after the other, which
/// decides what is said, and each finer level in few calls given all before it (VALL-E; `SoundStorm`
/// with more calls on the coarse levels). With `Q` levels of `T` frames, level after level on the
/// canvas (`level · T + frame`), that is a plan of the first `T` positions and [`Blocks`](crate::Blocks)
/// of `T`; frame after frame (`frame · Q + level`), it is [`Ar::every`] `Q` and
/// [`Order::Strided`](crate::Order::Strided) over `Q` calls.
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Blocks, Both, Join, Layout, Order, Parallel, Request, Reveal, Strategy, Then};
///
/// let (frames, levels) = (6, 3);
/// let chain = Chain::new(0.1)?; // stands for both models of the codes
/// let model = Both { plan: &chain, detail: &chain };
/// let by_level = Then {
///     plan: Ar { plan: Layout::First(frames), ..Ar::default() },
///     detail: Blocks { size: frames, inner: Parallel::default() },
///     join: Join::Fix,
/// };
/// let output = by_level.run(&model, Request::blank(frames * levels))?.collect_all()?;
/// assert_eq!(output.stats.calls, 6 + 2, "a call for each frame, then one for each finer level");
///
/// let levels_of_frames =
///     Parallel { calls: levels, order: Order::Strided, reveal: Reveal::Levels, ..Parallel::default() };
/// let by_frame = Then { plan: Ar::every(levels), detail: levels_of_frames, ..Then::default() };
/// let output = by_frame.run(&model, Request::blank(frames * levels))?.collect_all()?;
/// assert_eq!(output.stats.calls, 6 + 2);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
///
/// # Reference
/// Wang et al. 2023, "Neural Codec Language Models are Zero-Shot Text to Speech Synthesizers"
/// (VALL-E), section 4; Borsos et al. 2023, "`SoundStorm`", section 3.3.
#[derive(Debug, Clone)]
pub struct Then<A = Ar, B = Parallel> {
    /// Draws the plan.
    pub plan: A,
    /// Draws the rest.
    pub detail: B,
    /// How the details learn of the plan.
    pub join: Join,
}

impl Default for Then {
    /// Everything is planned, and what is left is drawn in one call.
    fn default() -> Self {
        Self { plan: Ar::default(), detail: Parallel::default(), join: Join::default() }
    }
}

/// How the details learn of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Join {
    /// The plan's tokens stand on the canvas as given positions.
    #[default]
    Fix,
}

impl<P: Causal, D: Masked, S: OnCanvas<D> + Clone + 'static> Strategy<Both<P, D>> for Then<Ar, S> {
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
        let plan = self.plan.engine(&model.plan, &cells, &request)?;
        let most = plan.most() + self.detail.most_calls(&model.detail, &planned)?;
        let detail = Detail::Ready { strategy: self.detail.clone(), model: &model.detail };
        let engine = Engine { plan: Some(plan), detail, canvas, most, request: request.clone() };
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

struct Engine<'m, P: Causal, D, S> {
    /// Until the plan is made.
    plan: Option<ar::Engine<'m, P>>,
    detail: Detail<'m, D, S>,
    /// What is given, and the plan.
    canvas: Canvas,
    /// The most calls there can be.
    most: usize,
    request: Request,
}

/// The second part: it begins when the canvas holds the plan.
enum Detail<'m, D, S> {
    Ready { strategy: S, model: &'m D },
    Begun(Box<dyn crate::Engine<u32> + 'm>),
}

impl<P: Causal, D: Masked, S: OnCanvas<D>> Engine<'_, P, D, S> {
    fn detail(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        if let Detail::Ready { strategy, model } = &self.detail {
            let model: &D = model;
            let engine = strategy.engine(model, self.canvas.clone(), &self.request)?;
            self.detail = Detail::Begun(engine);
        }
        let Detail::Begun(engine) = &mut self.detail else { return Ok(ControlFlow::Break(())) };
        let mut events = VecDeque::new();
        let inner = &mut Round { draws: round.draws, events: &mut events, stats: round.stats };
        let flow = engine.step(inner)?;
        round.events.extend(events.into_iter().map(|event| match event {
            Event::Round { call, .. } => Event::Round { call, of: Some(self.most) },
            other => other,
        }));
        Ok(flow)
    }
}

impl<P: Causal, D: Masked, S: OnCanvas<D>> crate::Engine<u32> for Engine<'_, P, D, S> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        let Some(plan) = &mut self.plan else { return self.detail(round) };
        let mut events = VecDeque::new();
        let inner = &mut Round { draws: round.draws, events: &mut events, stats: round.stats };
        let flow = plan.step(inner)?;
        for event in events {
            match event {
                Event::Commit { row, at, value, .. } => self.canvas.fix(row, at, value)?,
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
        let left = (0..self.canvas.rows()).any(|r| self.canvas.masked(r).next().is_some());
        Ok(if left { ControlFlow::Continue(()) } else { flow })
    }
}
