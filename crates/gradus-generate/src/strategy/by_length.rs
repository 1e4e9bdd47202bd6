//! All candidates of one length together, then the next length.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;

use super::on_canvas::OnCanvas;
use crate::{Canvas, Event, Finish, Request, Result, Round};

/// A length, prompt included, at which a row is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) row: usize,
    pub(super) len: usize,
}

/// Makes every candidate, then reports the best of each row.
pub(super) struct Engine<'m, M: ?Sized, S> {
    inner: S,
    model: &'m M,
    request: Request,
    prompts: Vec<Vec<u32>>,
    /// By row, the most probable length first.
    candidates: Vec<Candidate>,
    /// The lengths that are still to be made.
    lens: VecDeque<usize>,
    /// The one under way.
    present: Option<(usize, Box<dyn crate::Engine<u32> + 'm>)>,
    /// What was made, by row and length: the events of each position.
    made: BTreeMap<(usize, usize), BTreeMap<usize, Vec<Event>>>,
    /// The most calls there can be.
    most: usize,
}

impl<'m, M: ?Sized, S: OnCanvas<M>> Engine<'m, M, S> {
    pub(super) fn new(
        inner: S,
        model: &'m M,
        prompts: Vec<Vec<u32>>,
        candidates: Vec<Candidate>,
        request: Request,
    ) -> Result<Self> {
        let mut lens: Vec<usize> = candidates.iter().map(|c| c.len).collect();
        lens.sort_unstable();
        lens.dedup();
        let (lens, made) = (lens.into(), BTreeMap::new());
        let mut engine =
            Self { inner, model, request, prompts, candidates, lens, present: None, made, most: 0 };
        // What the inner strategy refuses at any length is refused before the first call.
        for &len in &engine.lens {
            engine.most += engine.inner.most_calls(model, &engine.canvas(len)?)?;
        }
        Ok(engine)
    }

    /// The rows that have a candidate of this length; all others are given whole, and so cost nothing.
    fn canvas(&self, len: usize) -> Result<Canvas> {
        let mut canvas = Canvas::blank(self.prompts.len(), len);
        for (row, prompt) in self.prompts.iter().enumerate() {
            let open = self.candidates.contains(&Candidate { row, len });
            let all = prompt.iter().copied().chain(std::iter::repeat(0));
            let given = if open { prompt.len() } else { len };
            all.take(given).enumerate().try_for_each(|(at, id)| canvas.fix(row, at, id))?;
        }
        Ok(canvas)
    }

    /// Keeps what the inner engine reports of rows that are wanted at this length.
    fn collect(&mut self, len: usize, events: VecDeque<Event>, round: &mut Round<'_, u32>) {
        for event in events {
            match event {
                Event::Commit { row, at, value, logp } | Event::Revise { row, at, value, logp } => {
                    let commit = Event::Commit { row, at, value, logp };
                    self.made.entry((row, len)).or_default().insert(at, vec![commit]);
                }
                Event::Own { row, at, .. } => {
                    let of_row = self.made.entry((row, len)).or_default();
                    of_row.entry(at).or_default().push(event);
                }
                Event::Round { call, .. } => {
                    round.events.push_back(Event::Round { call, of: Some(self.most) });
                }
                // All rows are done together.
                Event::Done { .. } => {}
            }
        }
    }

    /// Reports the candidate of each row whose tokens have the highest mean log-probability.
    fn report(&mut self, round: &mut Round<'_, u32>) {
        for row in 0..self.prompts.len() {
            let of_row = self.candidates.iter().filter(|c| c.row == row);
            let mut best: Option<(f64, usize)> = None;
            for c in of_row {
                let mean = self.made.get(&(row, c.len)).map_or(f64::NEG_INFINITY, mean_logp);
                // The more probable length on ties.
                if best.is_none_or(|best| mean > best.0) {
                    best = Some((mean, c.len));
                }
            }
            let kept = best.and_then(|(_, len)| self.made.remove(&(row, len)));
            round.events.extend(kept.into_iter().flat_map(BTreeMap::into_values).flatten());
            round.events.push_back(Event::Done { row, why: Finish::Full });
        }
    }
}

fn mean_logp(made: &BTreeMap<usize, Vec<Event>>) -> f64 {
    let logp = |event: &Event| match event {
        Event::Commit { logp, .. } => Some(*logp),
        _ => None,
    };
    made.values().flatten().filter_map(logp).sum::<f64>() / made.len() as f64
}

impl<M: ?Sized, S: OnCanvas<M>> crate::Engine<u32> for Engine<'_, M, S> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        let (len, mut engine) = match self.present.take() {
            Some(present) => present,
            None => {
                let Some(len) = self.lens.pop_front() else { return Ok(ControlFlow::Break(())) };
                (len, self.inner.engine(self.model, self.canvas(len)?, &self.request)?)
            }
        };
        let mut events = VecDeque::new();
        let inner = &mut Round { draws: round.draws, events: &mut events, stats: round.stats };
        let flow = engine.step(inner)?;
        self.collect(len, events, round);
        if flow.is_continue() {
            self.present = Some((len, engine));
        } else if self.lens.is_empty() {
            self.report(round);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }
}
