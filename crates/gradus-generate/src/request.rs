//! What is asked for.

use std::time::Duration;

use gradus_core::Key;

use std::sync::Arc;

use crate::ends::Ends;
use crate::{Canvas, Causal, Cell, Error, Result, StopTexts, Stops};

/// What to generate: prompts, rows, length, seed.
///
/// All rows together have at most 2²⁸ positions.
///
/// What a model is conditioned on beyond tokens (a class, a picture) belongs to the model's adapter:
/// row `i` of a batch is row `i` of the request.
///
/// # Examples
/// ```
/// use gradus_generate::{Canvas, Request};
/// let poems = Request::new([5, 2]).rows(8).seed(7).max(20); // 8 rows, 20 new tokens each
/// let both = Request::prompts([vec![5], vec![2, 2, 9]]).length(20); // rows of 20 in all
/// let image = Request::blank(28 * 28); // nothing is known
/// let mut canvas = Canvas::blank(1, 4);
/// canvas.fix(0, 2, 1)?;
/// let infill = Request::infill(canvas);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Request {
    prompts: Vec<Vec<u32>>,
    rows: Option<usize>,
    max: Option<usize>,
    length: Option<usize>,
    canvas: Option<Canvas>,
    seed: u64,
    first_row: u32,
    deadline: Option<Duration>,
    samples: usize,
    log_probs: Option<usize>,
    stops: Vec<Stops>,
    texts: Option<StopTexts>,
}

impl Request {
    /// Rows that start with the same prompt, which may be empty.
    pub fn new(prompt: impl Into<Vec<u32>>) -> Self {
        Self::prompts([prompt.into()])
    }

    /// One row for each prompt; their lengths may differ.
    pub fn prompts(prompts: impl IntoIterator<Item = impl Into<Vec<u32>>>) -> Self {
        Self {
            prompts: prompts.into_iter().map(Into::into).collect(),
            rows: None,
            max: None,
            length: None,
            canvas: None,
            seed: 0,
            first_row: 0,
            deadline: None,
            samples: 1,
            log_probs: None,
            stops: Vec::new(),
            texts: None,
        }
    }

    /// Rows of `length` positions of which nothing is known.
    pub fn blank(length: usize) -> Self {
        Self::new([]).length(length)
    }

    /// The rows of a canvas; what it knows is given and stays.
    pub fn infill(canvas: Canvas) -> Self {
        Self { canvas: Some(canvas), ..Self::prompts(Vec::<Vec<u32>>::new()) }
    }

    /// That many rows of a single prompt.
    pub fn rows(self, rows: usize) -> Self {
        Self { rows: Some(rows), ..self }
    }

    /// So many rows of each prompt, one after the other. Hugging Face's `num_return_sequences`.
    ///
    /// Strategies that draw one position after the other feed the prompt once (to the target; a draft model
    /// reads it for each row), and the rows go on from there, unless the model tells them
    /// [apart](Causal::alike). The rows are those of a request that names the prompt so often, bit for bit. For [`Beam`](crate::Beam) they are the
    /// best rows, the best first.
    pub fn samples(self, samples: usize) -> Self {
        Self { samples, ..self }
    }

    /// Also reports what the model itself says of each drawn id, before any warp, and of the `top` most
    /// probable ids, as [`Event::Own`](crate::Event::Own) and [`Output::own_log_probs`](crate::Output::own_log_probs).
    pub fn log_probs(self, top: usize) -> Self {
        Self { log_probs: Some(top), ..self }
    }

    /// What ends single rows, beside the stops of the strategy: one for each row, or for each prompt if
    /// there are several [samples](Request::samples) of it; a single one is for all.
    pub fn row_stops(self, stops: impl IntoIterator<Item = Stops>) -> Self {
        Self { stops: stops.into_iter().collect(), ..self }
    }

    /// Texts that end a row, however they are spelled.
    pub fn stop_texts(self, texts: StopTexts) -> Self {
        Self { texts: Some(texts), ..self }
    }

    /// At most this many new tokens in each row. Excludes [`Request::length`].
    pub fn max(self, max: usize) -> Self {
        Self { max: Some(max), ..self }
    }

    /// At most this many tokens in each row, the prompt included. Excludes [`Request::max`].
    pub fn length(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    /// The seed of all draws; 0 unless set.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of the first row in the keys of draws; 0 unless set.
    ///
    /// Row 3 of a batch draws what a single row with `first_row(3)` draws, so a large request can be
    /// split and a single row repeated.
    pub fn first_row(self, first_row: u32) -> Self {
        Self { first_row, ..self }
    }

    /// Ends the run when this much time has passed, as [`Finish::Deadline`](crate::Finish::Deadline).
    /// A call of the model is not interrupted.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// The key of the request's row 0, position 0.
    pub(crate) fn key(&self) -> Key {
        Key::new(self.seed).at(self.first_row, 0)
    }

    pub(crate) fn time_allowed(&self) -> Option<Duration> {
        self.deadline
    }

    /// How many of the most probable ids are reported; `None` if nothing is.
    pub(crate) fn top(&self) -> Option<usize> {
        self.log_probs
    }

    /// How many rows a prompt has.
    pub(crate) fn samples_of_each(&self) -> usize {
        self.samples
    }

    /// How many rows a prompt has, if they can go on from one that is fed; otherwise 1.
    pub(crate) fn shared<M: Causal + ?Sized>(&self, model: &M, rows: usize) -> usize {
        let n = self.samples;
        if (0..rows).all(|row| model.alike(row / n * n, row)) { n } else { 1 }
    }

    /// What ends each of `rows` rows, checked.
    pub(crate) fn ends(&self, vocab: usize, rows: usize) -> Result<Vec<Arc<Ends>>> {
        let (expected, got) = (rows / self.samples.max(1), self.stops.len());
        if got > 1 && got != expected {
            return Err(Error::Length { what: "stops of single rows", expected, got });
        }
        self.stops.iter().try_for_each(|stops| stops.check(vocab))?;
        self.texts.iter().try_for_each(|texts| texts.check(vocab))?;
        let of = |r: usize| {
            let of_row = if got == 1 { 0 } else { r / self.samples.max(1) };
            let stops = self.stops.get(of_row).cloned().unwrap_or_default();
            Arc::new(Ends { stops, texts: self.texts.clone() })
        };
        Ok((0..rows).map(of).collect())
    }

    /// Whether a row may end before its length by what the request says.
    pub(crate) fn has_stops(&self) -> bool {
        self.texts.is_some() || self.stops.iter().any(|stops| !stops.is_empty())
    }

    /// Refuses stops where rows are filled in no order.
    pub(crate) fn refuse_stops(&self) -> Result<()> {
        let (what, with) = ("a stop", "positions drawn in no order");
        if self.has_stops() { Err(Error::Contradiction { what, with }) } else { Ok(()) }
    }

    /// The cells of each row as they are given, checked.
    pub(crate) fn cells(&self, vocab: usize) -> Result<Vec<Vec<Cell>>> {
        if self.samples == 0 {
            return Err(Error::Length {
                what: "samples of a prompt, at least",
                expected: 1,
                got: 0,
            });
        }
        let rows = match &self.canvas {
            Some(canvas) => self.infilled(canvas)?,
            None => self.prompted()?,
        };
        if rows.is_empty() {
            return Err(Error::Length { what: "rows, at least", expected: 1, got: 0 });
        }
        for row in &rows {
            let masked = row.iter().filter(|&&c| c == Cell::Masked).count();
            if masked == 0 {
                let what = "positions to draw in a row, at least";
                return Err(Error::Length { what, expected: 1, got: 0 });
            }
            if let Some(id) = row.iter().filter_map(|c| c.id()).find(|&id| id as usize >= vocab) {
                return Err(Error::OutOfVocab { what: "prompt", id, vocab });
            }
        }
        if self.samples == 1 {
            return Ok(rows);
        }
        Ok(rows.into_iter().flat_map(|row| std::iter::repeat_n(row, self.samples)).collect())
    }

    fn infilled(&self, canvas: &Canvas) -> Result<Vec<Vec<Cell>>> {
        let with = "a canvas to fill";
        let asked = [
            (self.rows.is_some(), "a number of rows"),
            (self.max.is_some(), "a number of new tokens"),
            (self.length.is_some(), "a length"),
        ];
        match asked.iter().find(|x| x.0) {
            Some(&(_, what)) => Err(Error::Contradiction { what, with }),
            None => {
                self.check_total(canvas.rows().saturating_mul(canvas.len()))?;
                Ok((0..canvas.rows()).map(|r| canvas.row(r).to_vec()).collect())
            }
        }
    }

    fn prompted(&self) -> Result<Vec<Vec<Cell>>> {
        let n = self.rows.unwrap_or(self.prompts.len());
        if self.prompts.len() != 1 && self.prompts.len() != n {
            let (what, got) = ("prompts of a request with that many rows", self.prompts.len());
            return Err(Error::Length { what, expected: n, got });
        }
        // A single prompt stands for all rows. Nothing is allocated before the sum is known.
        let each = n / self.prompts.len().max(1);
        let mut total = 0usize;
        for prompt in &self.prompts {
            let len = self.len_of(prompt)?.max(1);
            total = total.saturating_add(len.saturating_mul(each));
        }
        self.check_total(total)?;
        (0..n).map(|r| self.row(&self.prompts[r.min(self.prompts.len() - 1)])).collect()
    }

    /// Refuses more positions than memory should hold.
    fn check_total(&self, of_prompts: usize) -> Result<()> {
        let got = of_prompts.saturating_mul(self.samples);
        let what = "positions of all rows, at most";
        if got > MOST { Err(Error::Length { what, expected: MOST, got }) } else { Ok(()) }
    }

    fn row(&self, prompt: &[u32]) -> Result<Vec<Cell>> {
        let mut cells = vec![Cell::Masked; self.len_of(prompt)?];
        cells.iter_mut().zip(prompt).for_each(|(cell, &id)| *cell = Cell::Known(id));
        Ok(cells)
    }

    /// The positions of a row with this prompt.
    fn len_of(&self, prompt: &[u32]) -> Result<usize> {
        let len = match (self.max, self.length) {
            (Some(_), Some(_)) => {
                let (what, with) = ("a number of new tokens", "a length of the whole row");
                return Err(Error::Contradiction { what, with });
            }
            (None, None) => {
                return Err(Error::Missing { what: "a number of new tokens or a length" });
            }
            (Some(max), None) => prompt.len().saturating_add(max),
            (None, Some(length)) => length,
        };
        if prompt.len() > len {
            let what = "prompt, at most the length of the row";
            return Err(Error::Length { what, expected: len, got: prompt.len() });
        }
        Ok(len)
    }
}

/// The most positions of a request: some gigabytes of memory. Positions are numbered in 32 bits in the
/// keys.
const MOST: usize = 1 << 28;

/// Rows of the same length as a canvas on which everything given is fixed.
pub(crate) fn canvas_of(rows: &[Vec<Cell>]) -> Result<Canvas> {
    let len = rows.first().map_or(0, Vec::len);
    if let Some(other) = rows.iter().find(|r| r.len() != len) {
        let what = "length of a row of a canvas";
        return Err(Error::Length { what, expected: len, got: other.len() });
    }
    let mut canvas = Canvas::blank(rows.len(), len);
    for (r, row) in rows.iter().enumerate() {
        for (at, id) in row.iter().enumerate().filter_map(|(at, c)| Some((at, c.id()?))) {
            canvas.fix(r, at, id)?;
        }
    }
    Ok(canvas)
}
