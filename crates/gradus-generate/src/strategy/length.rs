//! First how long, then what.

use gradus_core::Key;

use super::by_length::{Candidate, Engine};
use super::on_canvas::OnCanvas;
use crate::{Cell, Dist, Draws, Error, Masked, Pick, Request, Result, Run, Strategy};

/// Says how long rows will be. Any closure from a prompt to logits is one.
pub trait LengthHead: Sync {
    /// For each prompt the logits of the lengths: entry n is for n new positions. Entry 0 and entries
    /// beyond what the request allows are not used.
    ///
    /// # Errors
    /// Whatever the model reports, as [`Error::Model`].
    fn lengths(&self, prompts: &[Vec<u32>]) -> Result<Vec<Vec<f64>>>;
}

impl<F: Fn(&[u32]) -> Vec<f64> + Sync> LengthHead for F {
    fn lengths(&self, prompts: &[Vec<u32>]) -> Result<Vec<Vec<f64>>> {
        Ok(prompts.iter().map(|prompt| self(prompt)).collect())
    }
}

/// A masked model with the head that says how long rows will be, for [`ByLength`].
#[derive(Debug, Clone, Copy)]
pub struct WithLength<H, M> {
    /// Says how long.
    pub length: H,
    /// Says what.
    pub model: M,
}

/// Rows whose length is not given: a head says how long each will be, then the inner strategy fills so
/// many positions. The request's length is the most there can be.
///
/// With several candidates each row is made at its so many most probable lengths, and the one with the
/// highest mean log-probability of its tokens is kept: the length beam of Mask-Predict. With
/// [`Pick::Sample`] one length is drawn, and the law of the output is the head's times the inner
/// strategy's. Nothing is streamed: tokens come when all candidates are made.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{ByLength, MaskPredict, Request, Strategy, WithLength};
/// let head = |_: &[u32]| vec![0.0, 1.0, 2.0, 5.0, 4.0];
/// let model = WithLength { length: head, model: Chain::new(0.1)? };
/// let two = ByLength { candidates: 2, ..ByLength::new(MaskPredict::default()) };
/// let output = two.run(&model, Request::new([1]).max(8))?.collect_all()?;
/// assert_eq!(output.row(0), [1, 1, 1, 1, 1], "of three and four, the longer has the better mean");
/// # Ok::<(), gradus_generate::Error>(())
/// ```
///
/// # Reference
/// Ghazvininejad et al. 2019, "Mask-Predict: Parallel Decoding of Conditional Masked Language Models",
/// section 3.3.
#[derive(Debug, Clone)]
pub struct ByLength<S> {
    /// Fills a row of known length.
    pub inner: S,
    /// How many lengths are tried for each row.
    pub candidates: usize,
    /// How lengths are picked.
    pub pick: Pick,
}

impl<S> ByLength<S> {
    /// The most probable length alone.
    pub fn new(inner: S) -> Self {
        Self { inner, candidates: 1, pick: Pick::Greedy }
    }

    fn check(&self) -> Result<()> {
        if self.candidates == 0 {
            let (name, expected) = ("candidate lengths", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        if self.candidates > 1 && self.pick == Pick::Sample {
            let (what, with) = ("several candidate lengths", "a length that is drawn");
            return Err(Error::Contradiction { what, with });
        }
        Ok(())
    }

    /// The candidate lengths of a row, prompt included, the most probable first.
    fn lengths(
        &self,
        logits: &[f64],
        (row, prompt, most): (usize, usize, usize),
        key: Key,
        draws: &mut dyn Draws,
    ) -> Result<Vec<usize>> {
        let mut allowed = logits.to_vec();
        allowed.truncate(most + 1);
        if let Some(nothing) = allowed.first_mut() {
            *nothing = f64::NEG_INFINITY;
        }
        let dist = Dist::from_logits(&allowed).map_err(|e| e.at(row, prompt))?;
        let mut ranked: Vec<(u32, f64)> = dist.iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let chosen: Vec<u32> = match self.pick {
            Pick::Greedy => ranked.iter().take(self.candidates).map(|x| x.0).collect(),
            // No position has this number.
            Pick::Sample => {
                let row = key.row.wrapping_add(row as u32);
                vec![draws.token(&dist, key.at(row, u32::MAX))?]
            }
        };
        Ok(chosen.into_iter().map(|n| prompt + n as usize).collect())
    }
}

impl<H, M, S> Strategy<WithLength<H, M>> for ByLength<S>
where
    H: LengthHead,
    M: Masked,
    S: OnCanvas<M> + Clone + 'static,
{
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m WithLength<H, M>,
        request: Request,
        mut draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        self.check()?;
        request.refuse_stops()?;
        let cells = request.cells(model.model.vocab())?;
        let prompts = cells.iter().map(|row| prompt(row)).collect::<Result<Vec<_>>>()?;
        let heads = model.length.lengths(&prompts)?;
        let (expected, got) = (cells.len(), heads.len());
        if expected != got {
            return Err(Error::Length { what: "rows of a length head's answer", expected, got });
        }
        let mut candidates = Vec::new();
        for (row, logits) in heads.iter().enumerate() {
            let given = prompts[row].len();
            let place = (row, given, cells[row].len() - given);
            let lens = self.lengths(logits, place, request.key(), &mut draws)?;
            candidates.extend(lens.into_iter().map(|len| Candidate { row, len }));
        }
        let engine =
            Engine::new(self.inner.clone(), &model.model, prompts, candidates, request.clone())?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

/// What is given, which must come first.
fn prompt(cells: &[Cell]) -> Result<Vec<u32>> {
    let given: Vec<u32> = cells.iter().map_while(|cell| cell.id()).collect();
    if cells[given.len()..].iter().any(|&cell| cell != Cell::Masked) {
        let what = "a known position after a masked one";
        return Err(Error::Contradiction { what, with: "a length that is not known" });
    }
    Ok(given)
}
