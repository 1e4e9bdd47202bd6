//! One call of [`Parallel`], as a pure function of the canvas.

use std::ops::Range;
use std::time::{Duration, Instant};

use gradus_core::{Key, Kind};

use super::fill::history;
use crate::own::{Own, OwnLaw};
use crate::{Canvas, Dist, Draws, History, Logits, Masked, Order, Parallel, Pos, Result};

/// What one call of [`Parallel`] made of a canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The canvas with what was drawn.
    pub canvas: Canvas,
    /// What was drawn, by row and position. Empty if the model was not called.
    pub drawn: Vec<Drawn>,
    /// What the model itself says of each drawn position; empty unless a request asks for it.
    pub own: Vec<OwnLaw>,
    /// Tokens the model was fed: the rows it was asked about, times their length.
    pub fed: usize,
    /// Time inside the model.
    pub time: Duration,
}

impl Step {
    /// A call that was not made.
    pub(super) fn nothing(canvas: &Canvas) -> Self {
        let (drawn, own) = (Vec::new(), Vec::new());
        Self { canvas: canvas.clone(), drawn, own, fed: 0, time: Duration::ZERO }
    }
}

/// One drawn position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Row of the canvas.
    pub row: usize,
    /// Position in the row.
    pub at: usize,
    /// The token.
    pub id: u32,
    /// Its log-probability in the law it was drawn from.
    pub logp: f64,
}

/// Where a step happens.
pub(super) struct Place<'a> {
    pub(super) canvas: &'a Canvas,
    /// The part of each row in which positions are drawn.
    pub(super) room: Range<usize>,
    /// Which call this is, counted in the room.
    pub(super) call: usize,
    pub(super) key: Key,
    /// How many of the most probable ids are reported; `None` if nothing is.
    pub(super) top: Option<usize>,
}

/// What is asked of the model about one row, and how the answer is used.
struct Ask {
    row: usize,
    /// Rising.
    at: Vec<usize>,
    take: Take,
}

/// Which of the asked positions are drawn.
enum Take {
    All,
    /// So many of the best.
    Best(usize),
    /// As many as the reveal rule says.
    Rule,
}

impl Parallel {
    /// Call `call` on a canvas: draws some masked positions.
    ///
    /// The result depends on the arguments alone, so laws of whole runs can be enumerated step by step,
    /// merging equal canvases. `key` holds the seed and the number of the first row. Positions that are
    /// already known cost nothing, and a call that would reveal nothing does not ask the model.
    ///
    /// # Errors
    /// [`Parallel::check`]; what the model, the warps or the draws report; rows that cannot be drawn
    /// from.
    pub fn step<M: Masked + ?Sized>(
        &self,
        model: &M,
        canvas: &Canvas,
        call: usize,
        key: Key,
        draws: &mut dyn Draws,
    ) -> Result<Step> {
        self.check(model.vocab(), canvas)?;
        self.step_in(model, &Place { canvas, room: 0..canvas.len(), call, key, top: None }, draws)
    }

    /// [`Parallel::step`] inside one room of the canvas, whose calls are counted on their own.
    pub(super) fn step_in<M: Masked + ?Sized>(
        &self,
        model: &M,
        place: &Place<'_>,
        draws: &mut dyn Draws,
    ) -> Result<Step> {
        let canvas = place.canvas;
        let mut asks = Vec::new();
        let mut levels = Known::default();
        for row in 0..canvas.rows() {
            asks.extend(self.ask(place, row, &mut levels, draws)?);
        }
        let mut step = Step::nothing(canvas);
        if asks.is_empty() {
            return Ok(step);
        }
        let row_of = |ask: &Ask| ask.at.iter().map(|&at| Pos { row: ask.row, at }).collect();
        let at: Vec<Pos> = asks.iter().flat_map(|ask| -> Vec<Pos> { row_of(ask) }).collect();
        let mut logits = Logits::new(model.vocab());
        let start = Instant::now();
        model.fill(canvas, &at, &mut logits)?;
        step.time = start.elapsed();
        step.fed = asks.len() * canvas.len();
        logits.expect_rows(at.len())?;
        let before = place.top.map(|_| logits.clone());
        let mut hand = Hand { parallel: self, place, logits, dist: Dist::default(), draws };
        let mut first = 0;
        for ask in &asks {
            hand.draw(ask, first, &mut step.drawn)?;
            first += ask.at.len();
        }
        for d in &step.drawn {
            step.canvas.set(d.row, d.at, d.id)?;
        }
        if let Some(before) = before {
            step.own = own_laws(&before, &at, &step.drawn, place.top)?;
        }
        Ok(step)
    }

    fn ask(
        &self,
        p: &Place<'_>,
        row: usize,
        known_levels: &mut Known,
        draws: &mut dyn Draws,
    ) -> Result<Option<Ask>> {
        let masked: Vec<usize> = p.canvas.masked(row).filter(|at| p.room.contains(at)).collect();
        if masked.is_empty() {
            return Ok(None);
        }
        let given = &p.canvas.fixed(row)[p.room.clone()];
        let free = given.iter().filter(|&&fixed| !fixed).count();
        let known = free - masked.len();
        let count = match self.reveal.known_after(p.call, self.calls, free) {
            _ if p.call.saturating_add(1) >= self.calls => Some(masked.len()),
            after => after.map(|after| after.saturating_sub(known)),
        };
        if count == Some(0) {
            return Ok(None);
        }
        if count == Some(masked.len()) {
            return Ok(Some(Ask { row, at: masked, take: Take::All }));
        }
        if self.order.is_scored() {
            let take = count.map_or(Take::Rule, Take::Best);
            return Ok(Some(Ask { row, at: masked, take }));
        }
        let at = match known_levels.of(self, given) {
            Some(levels) => first_open(levels, p.room.start, &masked, count),
            None => {
                let key = p.key.at(p.key.row.wrapping_add(row as u32), 0);
                draws.subset(&masked, count.unwrap_or(masked.len()), key)?
            }
        };
        Ok(Some(Ask { row, at, take: Take::All }))
    }
}

/// What the model itself said of drawn positions; `at` rises.
fn own_laws(
    logits: &Logits,
    at: &[Pos],
    drawn: &[Drawn],
    top: Option<usize>,
) -> Result<Vec<OwnLaw>> {
    let (mut own, mut all) = (Own::new(top), Vec::new());
    for d in drawn {
        let k = at.partition_point(|pos| *pos < Pos { row: d.row, at: d.at });
        own.read(logits.row(k)).map_err(|e| e.at(d.row, d.at))?;
        all.extend(own.law(d.id));
    }
    Ok(all)
}

/// The levels of the last row; most rows of a request are given the same positions.
#[derive(Default)]
struct Known {
    given: Option<Vec<bool>>,
    levels: Option<Vec<Vec<usize>>>,
}

impl Known {
    fn of(&mut self, parallel: &Parallel, given: &[bool]) -> Option<&[Vec<usize>]> {
        if self.given.as_deref() != Some(given) {
            self.given = Some(given.to_vec());
            self.levels = parallel.order.levels(given, parallel.calls);
        }
        self.levels.as_deref()
    }
}

/// The next masked positions of a known order, rising: so many, or those of one level.
fn first_open(
    levels: &[Vec<usize>],
    start: usize,
    masked: &[usize],
    count: Option<usize>,
) -> Vec<usize> {
    let open = levels.iter().map(|level| {
        let level = level.iter().map(|at| at + start);
        level.filter(|at| masked.binary_search(at).is_ok()).collect::<Vec<_>>()
    });
    let mut open = open.filter(|level| !level.is_empty());
    let mut chosen: Vec<usize> = match count {
        Some(n) => open.flatten().take(n).collect(),
        None => open.next().unwrap_or_default(),
    };
    chosen.sort_unstable();
    chosen
}

/// The part of a step that follows the model's answer.
struct Hand<'a> {
    parallel: &'a Parallel,
    place: &'a Place<'a>,
    logits: Logits,
    dist: Dist,
    draws: &'a mut dyn Draws,
}

impl Hand<'_> {
    /// Draws positions of one row, whose logits start at row `first`.
    fn draw(&mut self, ask: &Ask, first: usize, out: &mut Vec<Drawn>) -> Result<()> {
        let (prompt, generated) = history(self.place.canvas, ask.row, &self.parallel.warps);
        let history = History { prompt: &prompt, generated: &generated, logps: &[] };
        let mut scores = Vec::new();
        let mut sampled = Vec::new();
        for (k, &at) in ask.at.iter().enumerate() {
            let key = self.key_of(ask.row, at);
            let logits = self.logits.row_mut(first + k);
            let warps = &self.parallel.warps;
            let named = |e: crate::Error| e.at(ask.row, at);
            warps.dist_into(logits, &history, key, &mut self.dist).map_err(named)?;
            match (&ask.take, self.parallel.order) {
                (_, Order::Sampled { noise }) => {
                    let drawn = self.token(ask.row, at)?;
                    scores.push(self.sampled_score(drawn.logp, noise, key)?);
                    sampled.push(drawn);
                }
                (Take::All, _) => out.push(self.token(ask.row, at)?),
                (_, order) => scores.push(score(order, &self.dist)),
            }
        }
        if scores.is_empty() {
            return Ok(());
        }
        for k in self.best(ask, &scores) {
            out.push(match sampled.get(k) {
                Some(&drawn) => drawn,
                None => {
                    self.dist.set_logits(self.logits.row(first + k))?;
                    self.token(ask.row, ask.at[k])?
                }
            });
        }
        Ok(())
    }

    fn token(&mut self, row: usize, at: usize) -> Result<Drawn> {
        let id = self.draws.token(&self.dist, self.key_of(row, at))?;
        Ok(Drawn { row, at, id, logp: self.dist.p(id).ln() })
    }

    /// The sampled rule draws a position again in each call, and so moves to the next round.
    fn key_of(&self, row: usize, at: usize) -> Key {
        let sampled = matches!(self.parallel.order, Order::Sampled { .. });
        let key = self.place.key;
        let key = key.at(key.row.wrapping_add(row as u32), at as u32);
        key.round(if sampled { self.place.call as u32 } else { 0 })
    }

    fn sampled_score(&mut self, logp: f64, noise: f64, key: Key) -> Result<f64> {
        if noise == 0.0 {
            return Ok(logp.exp());
        }
        let left = 1.0 - (self.place.call + 1) as f64 / self.parallel.calls as f64;
        let round = key.role.round;
        Ok(logp + noise * left * self.draws.gumbel(key.kind(Kind::Order).round(round))?)
    }

    /// The chosen indices of `ask.at`, rising.
    fn best(&self, ask: &Ask, scores: &[f64]) -> Vec<usize> {
        let rounded: Vec<f64> = scores.iter().map(|s| (s * 1e12).round() / 1e12).collect();
        let mut ranked: Vec<usize> = (0..scores.len()).collect();
        ranked.sort_by(|&a, &b| rounded[b].total_cmp(&rounded[a]).then(a.cmp(&b)));
        let n = match ask.take {
            Take::All => ranked.len(),
            Take::Best(n) => n,
            Take::Rule => {
                let falling: Vec<f64> = ranked.iter().map(|&k| rounded[k]).collect();
                self.parallel.reveal.taken(&falling)
            }
        };
        ranked.truncate(n);
        ranked.sort_unstable();
        ranked
    }
}

/// How sure the model is of a position, from its law alone.
fn score(order: Order, dist: &Dist) -> f64 {
    let (first, second) = dist.top_two();
    match order {
        Order::Margin => first - second,
        Order::Entropy => -dist.entropy(),
        _ => first,
    }
}
