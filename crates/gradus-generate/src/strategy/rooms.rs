//! Runs of [`Parallel`], in one part of the canvas after the other.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Instant;

use gradus_core::Key;

use super::step::Place;
use crate::ends::Ends;
use crate::{Canvas, Cell, Event, Finish, Masked, Parallel, Request, Result, Round, Stats};

/// Positions of every row that are filled before any later one.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) range: Range<usize>,
    pub(super) parallel: Parallel,
}

impl Room {
    /// The most calls there can be.
    pub(super) fn most_calls(&self, canvas: &Canvas) -> usize {
        let free =
            |row: usize| canvas.fixed(row)[self.range.clone()].iter().filter(|&&f| !f).count();
        self.parallel.calls.min((0..canvas.rows()).map(free).sum())
    }
}

/// Runs the steps of each room's [`Parallel`].
pub(super) struct Engine<'m, M: ?Sized> {
    canvas: Canvas,
    model: &'m M,
    rooms: Vec<Room>,
    room: usize,
    call: usize,
    /// The most calls there can be, without those that store a block.
    most: usize,
    /// Positions before this one were offered to the model to be stored.
    settled: usize,
    /// Calls in which the model stored a block.
    stores: usize,
    key: Key,
    /// How many of the most probable ids are reported.
    top: Option<usize>,
    /// What ends each row early, if anything does.
    ends: Option<Vec<Arc<Ends>>>,
    /// What was drawn in this room, until it is known where a row ends.
    held: Vec<Event>,
}

impl<'m, M: Masked + ?Sized> Engine<'m, M> {
    pub(super) fn new(model: &'m M, rooms: Vec<Room>, request: &Request, canvas: Canvas) -> Self {
        let most = rooms.iter().map(|room| room.most_calls(&canvas)).sum();
        let (key, top) = (request.key(), request.top());
        let (ends, held) = (None, Vec::new());
        Self {
            canvas,
            model,
            rooms,
            room: 0,
            call: 0,
            most,
            settled: 0,
            stores: 0,
            key,
            top,
            ends,
            held,
        }
    }

    /// The same, with rows that may end before their length.
    pub(super) fn stopping(self, ends: Vec<Arc<Ends>>) -> Self {
        Self { ends: Some(ends), ..self }
    }

    /// Lets the model store what comes before a room.
    fn settle(&mut self, start: usize, stats: &mut Stats) -> Result<()> {
        if start <= self.settled {
            return Ok(());
        }
        self.settled = start;
        let begun = Instant::now();
        let fed = self.model.settle(&self.canvas, start)?;
        if fed > 0 {
            stats.count_call(fed, begun.elapsed());
            self.stores += 1;
        }
        Ok(())
    }

    /// The most calls there can be. A model that stored one block may store all but the last.
    fn most(&self) -> usize {
        self.most + if self.stores > 0 { self.rooms.len() - 1 } else { 0 }
    }

    /// The next call that reveals something in the present room.
    fn next_call(&self) -> usize {
        let Some(Room { range, parallel }) = self.rooms.get(self.room) else { return self.call };
        let next = |row: usize| {
            let free = self.canvas.fixed(row)[range.clone()].iter().filter(|&&f| !f).count();
            let masked = self.canvas.masked(row).filter(|at| range.contains(at)).count();
            let (calls, known) = (parallel.calls, free - masked);
            (masked > 0).then(|| parallel.reveal.next_call(self.call + 1, calls, free, known))
        };
        (0..self.canvas.rows()).filter_map(next).min().unwrap_or(self.call + 1)
    }

    /// Leaves rooms in which nothing is masked, and says whether there is another one.
    fn enter(&mut self, events: &mut VecDeque<Event>) -> Result<bool> {
        while let Some(room) = self.rooms.get(self.room) {
            let range = room.range.clone();
            let masked = |row: usize| self.canvas.row(row)[range.clone()].contains(&Cell::Masked);
            if (0..self.canvas.rows()).any(masked) {
                return Ok(true);
            }
            self.leave(&range, events)?;
            (self.room, self.call) = (self.room + 1, 0);
        }
        Ok(false)
    }

    /// Reports what was held back in a room, up to where each row ends.
    fn leave(&mut self, room: &Range<usize>, events: &mut VecDeque<Event>) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        let mut rows: Vec<usize> = held.iter().filter_map(|e| Some(place(e)?.0)).collect();
        rows.sort_unstable();
        rows.dedup();
        for row in rows {
            let end = self.end(row, room);
            let last = end.map_or(room.end, |(at, _)| at);
            let kept = |e: &&Event| place(e).is_some_and(|(r, at)| r == row && at <= last);
            events.extend(held.iter().filter(kept).copied());
            if let Some((_, why)) = end {
                // A row that is over asks for nothing; what stands in its later positions is not
                // reported.
                let open: Vec<usize> = self.canvas.masked(row).collect();
                open.into_iter().try_for_each(|at| self.canvas.fix(row, at, 0))?;
                events.push_back(Event::Done { row, why });
            } else if self.canvas.masked(row).next().is_none() {
                events.push_back(Event::Done { row, why: Finish::Full });
            }
        }
        Ok(())
    }

    /// The first position of a room that ends the row.
    fn end(&self, row: usize, room: &Range<usize>) -> Option<(usize, Finish)> {
        let ends = self.ends.as_ref()?.get(row)?;
        let mut generated = Vec::new();
        for (at, cell) in self.canvas.row(row)[..room.end].iter().enumerate() {
            if self.canvas.fixed(row)[at] {
                continue;
            }
            generated.extend(cell.id());
            if at < room.start {
                continue;
            }
            if let Some(why) = ends.hit(&generated, 0) {
                return Some((at, why));
            }
        }
        None
    }

    /// One call of the model, or none if it would reveal nothing.
    fn call(&mut self, round: &mut Round<'_, u32>) -> Result<bool> {
        let Some(start) = self.rooms.get(self.room).map(|room| room.range.start) else {
            return Ok(false);
        };
        self.settle(start, round.stats)?;
        let Room { range, parallel } = &self.rooms[self.room];
        let (call, key, top, room) = (self.call, self.key, self.top, range.clone());
        let place = Place { canvas: &self.canvas, room, call, key, top };
        let step = parallel.step_in(self.model, &place, round.draws)?;
        if step.drawn.is_empty() {
            self.call = self.next_call();
            return Ok(false);
        }
        self.call += 1;
        round.stats.count_call(step.fed, step.time);
        self.canvas = step.canvas;
        let mut events = VecDeque::new();
        for (k, d) in step.drawn.iter().enumerate() {
            let (row, at, value, logp) = (d.row, d.at, d.id, d.logp);
            events.push_back(Event::Commit { row, at, value, logp });
            if let Some(own) = step.own.get(k) {
                own.send(row, at, value, &mut events);
            }
        }
        if self.ends.is_some() {
            self.held.extend(events);
        } else {
            round.events.extend(events);
            let mut touched: Vec<usize> = step.drawn.iter().map(|d| d.row).collect();
            touched.dedup();
            for row in touched.into_iter().filter(|&r| self.canvas.masked(r).next().is_none()) {
                round.events.push_back(Event::Done { row, why: Finish::Full });
            }
        }
        Ok(true)
    }
}

/// Row and position of what was drawn.
fn place(event: &Event) -> Option<(usize, usize)> {
    match *event {
        Event::Commit { row, at, .. } | Event::Own { row, at, .. } => Some((row, at)),
        _ => None,
    }
}

impl<M: Masked + ?Sized> crate::Engine<u32> for Engine<'_, M> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        while self.enter(round.events)? {
            if self.call(round)? {
                break;
            }
        }
        let more = self.enter(round.events)?;
        let call = round.stats.calls as usize;
        round.events.push_back(Event::Round { call, of: Some(self.most()) });
        Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }
}
