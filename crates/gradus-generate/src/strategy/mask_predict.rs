//! Everything at once, then the doubtful again.

use std::ops::ControlFlow;

use super::calls::check_calls;
use super::fill::Fill;
use super::on_canvas::OnCanvas;
use super::refine::{Engine, Rule, Turn, start};
use crate::{Canvas, Draws, Masked, Pick, Pos, Request, Result, Run, Step, Strategy, Warps};

/// Fills everything in the first call; after call k of K the ⌊L·(K − k − 1)/K⌋ positions with the
/// lowest probability are masked and filled again, given the others. L is the number of free positions.
///
/// **Biased** even at many calls: it keeps what is likely.
///
/// # Reference
/// Ghazvininejad et al. 2019, "Mask-Predict: Parallel Decoding of Conditional Masked Language Models",
/// section 3, which takes the argmax at every position.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{MaskPredict, Request, Strategy};
/// let output = MaskPredict::default().run(&Chain::new(0.1)?, Request::blank(8))?.collect_all()?;
/// assert_eq!(output.row(0), [output.row(0)[0]; 8], "the most probable row is constant");
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MaskPredict {
    /// The most calls of the model.
    pub calls: usize,
    /// How an id is picked from its law.
    pub pick: Pick,
    /// What happens to the logits before each pick.
    pub warps: Warps,
}

impl Default for MaskPredict {
    /// Ten calls, the most probable id at each position.
    fn default() -> Self {
        Self { calls: 10, pick: Pick::Greedy, warps: Warps::none() }
    }
}

impl MaskPredict {
    fn check(&self, vocab: usize) -> Result<()> {
        self.warps.check(vocab)?;
        self.warps.check_unordered()?;
        check_calls(self.calls)
    }
}

/// The log-probability that each position had when it was last filled; −∞ before.
struct Scored {
    strategy: MaskPredict,
    logps: Vec<Vec<f64>>,
}

impl Rule for Scored {
    fn step<M: Masked + ?Sized>(
        &mut self,
        model: &M,
        canvas: &Canvas,
        Turn { call, key, top }: Turn,
        draws: &mut dyn Draws,
    ) -> Result<(Step, ControlFlow<()>)> {
        let MaskPredict { calls, pick, warps } = &self.strategy;
        let of_row = |row| canvas.masked(row).map(move |at| Pos { row, at });
        let asked: Vec<Pos> = (0..canvas.rows()).flat_map(of_row).collect();
        if asked.is_empty() {
            return Ok((Step::nothing(canvas), ControlFlow::Break(())));
        }
        let key = key.round(call as u32);
        let mut step =
            Fill { canvas, at: &asked, warps, pick: *pick, key, top }.run(model, draws)?;
        self.logps.resize(canvas.rows(), vec![0.0; canvas.len()]);
        step.drawn.iter().for_each(|d| self.logps[d.row][d.at] = d.logp);
        for row in 0..canvas.rows() {
            let free = (0..canvas.len()).filter(|&at| !canvas.fixed(row)[at]);
            let mut ranked: Vec<usize> = free.collect();
            let masked = ranked.len() * calls.saturating_sub(call + 1) / calls;
            ranked.sort_by(|&a, &b| self.logps[row][a].total_cmp(&self.logps[row][b]));
            ranked[..masked].iter().try_for_each(|&at| step.canvas.mask(row, at))?;
        }
        let left = (0..canvas.rows()).any(|row| step.canvas.masked(row).next().is_some());
        Ok((step, if left { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }))
    }
}

impl<M: Masked + ?Sized> Strategy<M> for MaskPredict {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        self.check(model.vocab())?;
        let rule = Scored { strategy: self.clone(), logps: Vec::new() };
        start(model, rule, self.calls, &request, draws)
    }
}

impl<M: Masked + ?Sized> OnCanvas<M> for MaskPredict {
    fn most_calls(&self, model: &M, _: &Canvas) -> Result<usize> {
        self.check(model.vocab())?;
        Ok(self.calls)
    }

    fn engine<'m>(
        &self,
        model: &'m M,
        canvas: Canvas,
        request: &Request,
    ) -> Result<Box<dyn crate::Engine<u32> + 'm>> {
        self.check(model.vocab())?;
        let rule = Scored { strategy: self.clone(), logps: Vec::new() };
        Ok(Box::new(Engine::new(model, rule, self.calls, canvas, request)))
    }
}
