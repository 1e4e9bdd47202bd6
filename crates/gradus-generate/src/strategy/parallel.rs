//! Several positions at once.

use std::ops::Range;

use super::calls::check_calls;
use super::on_canvas::OnCanvas;
use super::rooms::{Engine, Room};
use crate::request::canvas_of;
use crate::reveal::sum_of;
use crate::{Canvas, Draws, Error, Masked, Order, Request, Result, Reveal, Run, Strategy, Warps};

/// Reveals a few masked positions per call, each drawn on its own given what is known.
///
/// With `calls: 1`, the default, everything is drawn at once: one-shot non-autoregressive decoding.
/// Other settings are `MaskGIT`, masked diffusion (MDLM, LLaDA) and Fast-dLLM. What positions drawn
/// together know of each other is lost: their conditional total correlation. [`exact`](crate::exact)
/// computes it.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Order, Parallel, Request, Reveal, Strategy};
///
/// let chain = Chain::new(0.1)?;
/// let dyadic = Parallel { calls: 4, reveal: Reveal::Levels, order: Order::Dyadic, ..Parallel::default() };
/// let output = dyadic.run(&chain, Request::blank(8).rows(2).seed(3))?.collect_all()?;
/// assert_eq!((output.row(1).len(), output.stats.calls), (8, 4));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Parallel {
    /// The most calls of the model; the last one reveals what is left.
    pub calls: usize,
    /// How many positions each call reveals.
    pub reveal: Reveal,
    /// Which positions these are.
    pub order: Order,
    /// What happens to the logits before each draw.
    pub warps: Warps,
}

impl Default for Parallel {
    fn default() -> Self {
        let (reveal, order) = (Reveal::default(), Order::default());
        Self { calls: 1, reveal, order, warps: Warps::none() }
    }
}

impl Parallel {
    /// The positions that each call reveals together, for an order and a reveal rule that are known in
    /// advance; `None` for others. `given[i]` says that position `i` is given.
    ///
    /// # Examples
    /// ```
    /// use gradus_generate::{Order, Parallel};
    /// let halves = Parallel { calls: 2, order: Order::Strided, ..Parallel::default() };
    /// assert_eq!(halves.schedule(&[false; 5]), Some(vec![vec![0, 2, 4], vec![1, 3]]));
    /// ```
    pub fn schedule(&self, given: &[bool]) -> Option<Vec<Vec<usize>>> {
        let levels = self.order.levels(given, self.calls)?;
        if self.reveal == Reveal::Levels {
            let rest = levels.len().min(self.calls.max(1)) - usize::from(!levels.is_empty());
            let (first, last) = levels.split_at(rest);
            let last = (!last.is_empty()).then(|| last.concat());
            return Some(first.iter().cloned().chain(last).collect());
        }
        let order = levels.concat();
        let mut start = 0;
        let counts = self.reveal.counts(self.calls, order.len())?;
        let chop = |n| {
            start += n;
            order[start - n..start].to_vec()
        };
        Some(counts.into_iter().map(chop).collect())
    }

    /// Refuses settings that contradict each other or the canvas.
    ///
    /// # Errors
    /// [`Error::Contradiction`], [`Error::Parameter`] or [`Error::Length`].
    pub fn check(&self, vocab: usize, canvas: &Canvas) -> Result<()> {
        self.check_in(vocab, canvas, 0..canvas.len())
    }

    pub(super) fn check_in(&self, vocab: usize, canvas: &Canvas, room: Range<usize>) -> Result<()> {
        self.warps.check(vocab)?;
        self.warps.check_unordered()?;
        check_calls(self.calls)?;
        self.check_order(room.len())?;
        self.check_reveal()?;
        let Reveal::Counts(counts) = &self.reveal else { return Ok(()) };
        for row in 0..canvas.rows() {
            let expected = canvas.fixed(row)[room.clone()].iter().filter(|&&fixed| !fixed).count();
            let got = sum_of(counts);
            if got != expected {
                let what = "sum of the counts of a row's free positions";
                return Err(Error::Length { what, expected, got });
            }
        }
        Ok(())
    }

    /// The whole canvas.
    fn room(&self, canvas: &Canvas) -> Vec<Room> {
        vec![Room { range: 0..canvas.len(), parallel: self.clone() }]
    }

    fn check_order(&self, len: usize) -> Result<()> {
        match self.order {
            Order::HaltonGrid { height, width } => {
                let got = height.saturating_mul(width);
                let what = "pixels of a grid";
                if got == len { Ok(()) } else { Err(Error::Length { what, expected: len, got }) }
            }
            Order::Sampled { noise } if !(noise.is_finite() && noise >= 0.0) => {
                let (name, expected) = ("noise of the sampled order", "a finite number ≥ 0");
                Err(Error::Parameter { name, expected, got: noise })
            }
            _ => Ok(()),
        }
    }

    fn check_reveal(&self) -> Result<()> {
        let clash = |what, with| Err(Error::Contradiction { what, with });
        let noisy = matches!(self.order, Order::Sampled { noise } if noise > 0.0);
        match &self.reveal {
            Reveal::Counts(counts) if counts.len() != self.calls => {
                let what = "counts to reveal, one for each call";
                Err(Error::Length { what, expected: self.calls, got: counts.len() })
            }
            Reveal::Levels | Reveal::Threshold(_) | Reveal::Factor(_) if self.calls == 1 => {
                clash("a reveal rule that decides the number of calls", "at most one call")
            }
            Reveal::Levels if !matches!(self.order, Order::Dyadic | Order::Strided) => {
                clash("revealing level by level", "an order without levels")
            }
            Reveal::Threshold(_) | Reveal::Factor(_) if !self.order.is_scored() => {
                clash("a limit on scores", "an order without scores")
            }
            Reveal::Threshold(_) | Reveal::Factor(_) if noisy => {
                clash("a limit on scores", "scores with noise")
            }
            Reveal::Factor(_) if matches!(self.order, Order::Margin | Order::Entropy) => {
                clash("a factor, which needs probabilities", "scores of another kind")
            }
            Reveal::Threshold(limit) if !limit.is_finite() => {
                let (name, expected) = ("threshold", "finite");
                Err(Error::Parameter { name, expected, got: *limit })
            }
            Reveal::Factor(factor) if !(factor.is_finite() && *factor > 0.0) => {
                let (name, expected) = ("factor", "a finite number > 0");
                Err(Error::Parameter { name, expected, got: *factor })
            }
            _ => Ok(()),
        }
    }
}

impl<M: Masked + ?Sized> Strategy<M> for Parallel {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        request.refuse_stops()?;
        let cells = request.cells(model.vocab())?;
        let canvas = canvas_of(&cells)?;
        self.check(model.vocab(), &canvas)?;
        let engine = Engine::new(model, self.room(&canvas), &request, canvas);
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

impl<M: Masked + ?Sized> OnCanvas<M> for Parallel {
    fn most_calls(&self, model: &M, canvas: &Canvas) -> Result<usize> {
        self.check(model.vocab(), canvas)?;
        Ok(self.room(canvas).iter().map(|room| room.most_calls(canvas)).sum())
    }

    fn engine<'m>(
        &self,
        model: &'m M,
        canvas: Canvas,
        request: &Request,
    ) -> Result<Box<dyn crate::Engine<u32> + 'm>> {
        self.check(model.vocab(), &canvas)?;
        Ok(Box::new(Engine::new(model, self.room(&canvas), request, canvas)))
    }
}
