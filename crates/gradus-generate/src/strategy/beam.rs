//! The most probable row, not one drawn by chance.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::time::Instant;

use super::row::{self, Row};
use crate::own::Own;
use crate::prompt::Opening;
use crate::{
    Causal, Dist, Draws, Error, Event, Finish, Layout, Logits, OwnLaw, Ragged, Request, Result,
    Round, Run, State, Stops, Strategy, Want, Warps,
};

/// Beam search: keeps the `width` most probable beginnings of each row, and returns the best end.
///
/// A finished row of n generated tokens is scored by (Σ ln p) / n^α. A row of the request is done when
/// no beginning can still beat its `width` best ends. Nothing is drawn, and nothing can be streamed:
/// tokens come when their row is done. Larger widths find more probable rows, which are not always the
/// better ones: text that is all too probable is dull (Holtzman et al. 2019).
///
/// # Examples
/// ```
/// use gradus_generate::exact::Table;
/// use gradus_generate::{Ar, Beam, Request, Strategy};
///
/// // "1 1" is the most probable row, but "0" the most probable first token.
/// let table = Table::new(2, 2, &[0.3, 0.25, 0.0, 0.45])?;
/// let greedy = Ar::greedy().run(&table, Request::blank(2))?.collect_all()?;
/// let beam = Beam { width: 2, ..Beam::default() }.run(&table, Request::blank(2))?.collect_all()?;
/// assert_eq!((greedy.row(0), beam.row(0)), (vec![0, 0], vec![1, 1]));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
///
/// # Reference
/// Wu et al. 2016, "Google's Neural Machine Translation System", section 7, with the length penalty of
/// Hugging Face.
#[derive(Debug, Clone)]
pub struct Beam {
    /// How many beginnings are kept, at most 65,536.
    pub width: usize,
    /// The length penalty: 0 prefers short rows, 1 compares means, more prefers long rows.
    pub alpha: f64,
    /// What happens to the logits before they are read.
    pub warps: Warps,
    /// What ends a row before its length.
    pub stop: Stops,
}

impl Default for Beam {
    /// Width 4, α = 1.
    fn default() -> Self {
        Self { width: 4, alpha: 1.0, warps: Warps::none(), stop: Stops::default() }
    }
}

/// The most beginnings of a row: each of them is a row of the state.
const MOST: usize = 1 << 16;

impl<M: Causal + ?Sized> Strategy<M> for Beam {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        for (name, expected, got, holds) in [
            ("beam width", "in 1..=65536", self.width as f64, (1..=MOST).contains(&self.width)),
            ("length penalty", "finite", self.alpha, self.alpha.is_finite()),
        ] {
            if !holds {
                return Err(Error::Parameter { name, expected, got });
            }
        }
        self.warps.check(model.vocab())?;
        self.stop.check(model.vocab())?;
        let cells = request.cells(model.vocab())?;
        let (rows, pending) = row::begin(model, &Layout::All, &cells, &request)?;
        let samples = request.samples_of_each();
        if request.shared(model, rows.len()) != samples {
            let (what, with) = ("samples of one search", "a model that tells its rows apart");
            return Err(Error::Contradiction { what, with });
        }
        if samples > self.width {
            let (what, with) = ("more samples of a prompt", "a beam of that width");
            return Err(Error::Contradiction { what, with });
        }
        let mut opening = Opening::new(model, pending)?.shared_by(samples);
        let firsts: Vec<usize> = (0..rows.len()).step_by(samples).collect();
        opening.state.retain(&firsts);
        let engine = Engine {
            model,
            state: opening.state,
            beam: self.clone(),
            most: rows.iter().map(Row::left).max().unwrap_or(0),
            searches: rows.into_iter().step_by(samples).map(Search::new).collect(),
            pending: Ragged::from_rows(firsts.iter().map(|&r| &opening.pending[r])),
            reused: opening.reused,
            samples,
            own: Own::new(request.top()),
            logits: Logits::new(model.vocab()),
            dist: Dist::default(),
        };
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

/// One row of the request.
struct Search {
    /// Beginnings, the best first.
    live: Vec<(Row, f64)>,
    /// Ends with their penalised scores, the best first.
    ends: Vec<(Row, f64, Finish)>,
}

/// A beginning with one token more.
struct Candidate {
    score: f64,
    from: usize,
    id: u32,
    logp: f64,
    /// What the model itself says, if that is asked for.
    own: Option<OwnLaw>,
}

impl Candidate {
    /// The best first, the lowest id on ties.
    fn before(&self, other: &Self) -> Ordering {
        let by_score = other.score.total_cmp(&self.score);
        by_score.then(self.from.cmp(&other.from)).then(self.id.cmp(&other.id))
    }
}

impl Search {
    fn new(row: Row) -> Self {
        Self { live: vec![(row, 0.0)], ends: Vec::new() }
    }

    /// Goes on from the best candidates, and returns which beginning each new one comes from.
    fn advance(&mut self, beam: &Beam, mut candidates: Vec<Candidate>) -> Vec<usize> {
        candidates.sort_by(Candidate::before);
        let (mut next, mut parents) = (Vec::new(), Vec::new());
        for (rank, c) in candidates.iter().take(2 * beam.width).enumerate() {
            if next.len() == beam.width {
                break;
            }
            let mut row = self.live[c.from].0.clone();
            row.own.extend(c.own.clone());
            match row.push(c.id, c.logp, &beam.stop) {
                // An end counts only among the best, as a beginning would.
                Some(why) if rank < beam.width => {
                    let score = beam.penalised(c.score, row.logps.len());
                    self.ends.push((row, score, why));
                }
                Some(_) => {}
                None => {
                    next.push((row, c.score));
                    parents.push(c.from);
                }
            }
        }
        self.live = next;
        let falling = |a: &(Row, f64, Finish), b: &(Row, f64, Finish)| b.1.total_cmp(&a.1);
        self.ends.sort_by(falling);
        self.ends.truncate(beam.width);
        parents
    }

    /// Whether no beginning can still beat the ends.
    fn is_done(&self, beam: &Beam) -> bool {
        let Some((best, score)) = self.live.first() else { return true };
        // A sum of log-probabilities only falls; the penalty favours one of both extreme lengths.
        let lengths = [best.logps.len() + 1, best.logps.len() + best.left()];
        let bound = lengths.map(|n| beam.penalised(*score, n)).into_iter().fold(f64::MIN, f64::max);
        self.ends.len() == beam.width && self.ends.iter().all(|end| end.1 >= bound)
    }
}

impl Beam {
    fn penalised(&self, score: f64, len: usize) -> f64 {
        // A sure row stays at 0, whatever the penalty.
        if score == 0.0 { 0.0 } else { score / (len as f64).powf(self.alpha) }
    }
}

struct Engine<'m, M: Causal + ?Sized> {
    model: &'m M,
    state: M::State,
    beam: Beam,
    /// Those that are not done.
    searches: Vec<Search>,
    pending: Ragged,
    /// Tokens that the model need not be fed, until they are counted.
    reused: u64,
    /// Rows of the request that each search answers.
    samples: usize,
    own: Own,
    logits: Logits,
    dist: Dist,
    /// The most calls there can be.
    most: usize,
}

impl<M: Causal + ?Sized> Engine<'_, M> {
    /// All beginnings of a search with one token more, whose logits start at row `first`.
    fn candidates(&mut self, search: usize, first: usize) -> Result<Vec<Candidate>> {
        let mut all = Vec::new();
        for (from, (row, score)) in self.searches[search].live.iter().enumerate() {
            let place = |e: Error| e.at(row.number, row.position(0));
            self.own.read(self.logits.row(first + from)).map_err(place)?;
            let logits = self.logits.row_mut(first + from);
            self.beam
                .warps
                .dist_into(logits, &row.history(), row.key(0), &mut self.dist)
                .map_err(place)?;
            let of_row = self.dist.iter().map(|(id, p)| {
                let logp = p.ln();
                Candidate { score: score + logp, from, id, logp, own: None }
            });
            let mut of_row: Vec<Candidate> = of_row.collect();
            keep_best(&mut of_row, 2 * self.beam.width);
            of_row.iter_mut().for_each(|c| c.own = self.own.law(c.id));
            all.extend(of_row);
        }
        keep_best(&mut all, 2 * self.beam.width);
        Ok(all)
    }
}

/// Only the best can go on; an order among them comes later.
fn keep_best(all: &mut Vec<Candidate>, most: usize) {
    if all.len() > most {
        all.select_nth_unstable_by(most - 1, Candidate::before);
        all.truncate(most);
    }
}

/// Reports the best ends of a search, one in each row that it answers.
fn report(search: &Search, samples: usize, round: &mut Round<'_, u32>) {
    for (sample, (row, _, why)) in search.ends.iter().take(samples).enumerate() {
        let number = row.number + sample;
        for (k, (&value, &logp)) in row.tokens[row.prompt..].iter().zip(&row.logps).enumerate() {
            let at = row.slots[row.prompt + k];
            round.events.push_back(Event::Commit { row: number, at, value, logp });
            if let Some(own) = row.own.get(k) {
                own.send(number, at, value, round.events);
            }
        }
        round.events.push_back(Event::Done { row: number, why: *why });
    }
}

impl<M: Causal + ?Sized> crate::Engine<u32> for Engine<'_, M> {
    fn step(&mut self, round: &mut Round<'_, u32>) -> Result<ControlFlow<()>> {
        self.logits.clear();
        let start = Instant::now();
        self.model.feed(&mut self.state, &self.pending, Want::Last, &mut self.logits)?;
        round.stats.count_call(self.pending.total(), start.elapsed());
        round.stats.reused += std::mem::take(&mut self.reused);
        self.logits.expect_rows(self.pending.rows())?;
        self.pending.clear();
        let (mut first, mut kept, mut open) = (0, Vec::new(), Vec::new());
        for s in 0..self.searches.len() {
            let beginnings = self.searches[s].live.len();
            let candidates = self.candidates(s, first)?;
            let parents = self.searches[s].advance(&self.beam, candidates);
            let search = &self.searches[s];
            open.push(!search.is_done(&self.beam));
            if open[s] {
                kept.extend(parents.iter().map(|from| first + from));
                let last = |row: &Row| row.tokens[row.tokens.len() - 1];
                search.live.iter().for_each(|(row, _)| self.pending.push(&[last(row)]));
            } else {
                report(search, self.samples, round);
            }
            first += beginnings;
        }
        let call = round.stats.calls as usize;
        round.events.push_back(Event::Round { call, of: Some(self.most) });
        let mut still = open.into_iter();
        self.searches.retain(|_| still.next().unwrap_or(false));
        if self.searches.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        self.state.retain(&kept);
        Ok(ControlFlow::Continue(()))
    }
}
