//! Known tokens get another chance.

use std::ops::ControlFlow;

use gradus_core::{Key, Kind};

use super::calls::check_calls;
use super::fill::Fill;
use super::on_canvas::OnCanvas;
use super::refine::{Engine, Rule, Turn, start};
use crate::{
    Canvas, Cell, Draws, Error, Masked, Pick, Pos, Request, Result, Run, Step, Strategy, Warps,
};

/// Masked diffusion that masks tokens again: each call reveals masked positions by chance, and masks
/// known ones by chance, so that early mistakes can be mended.
///
/// With K calls a share of (k+1)/K is known after call k, on average, however much is masked again.
/// Without remasking it is the ancestral sampler of masked diffusion. **Biased**, as every sampler is
/// that draws several positions at once; remasking trades time for less of it, and promises nothing.
///
/// # Reference
/// Wang et al. 2025, "Remasking Discrete Diffusion Models with Inference-Time Scaling", eq. 6 and
/// section 4.1; Sahoo et al. 2024, "Simple and Effective Masked Diffusion Language Models".
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{ReMdm, Request, Sigma, Strategy};
/// let mend = ReMdm { calls: 16, sigma: Sigma::Cap(0.2), ..ReMdm::default() };
/// let output = mend.run(&Chain::new(0.1)?, Request::blank(8).seed(3))?.collect_all()?;
/// assert_eq!(output.row(0).len(), 8);
/// assert!(output.stats.revised > 0);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReMdm {
    /// The most calls of the model; the last one reveals what is left.
    pub calls: usize,
    /// How likely a known position is masked again.
    pub sigma: Sigma,
    /// What happens to the logits before each draw.
    pub warps: Warps,
}

/// How likely a known position is masked again: σ. With α the share of known positions before and β
/// after a call, it can be at most min(1, (1 − β)/α).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sigma {
    /// This, or the most there can be: `Cap(0.0)` never masks again.
    Cap(f64),
    /// This share of the most there can be.
    Rescale(f64),
}

impl Default for ReMdm {
    /// Sixteen calls, σ at most 0.02.
    fn default() -> Self {
        Self { calls: 16, sigma: Sigma::Cap(0.02), warps: Warps::none() }
    }
}

impl ReMdm {
    /// The probabilities that a masked position is revealed and a known one masked in call `call`.
    fn chances(&self, call: usize) -> (f64, f64) {
        let known = |calls: usize| (calls as f64 / self.calls as f64).min(1.0);
        let (before, after) = (known(call), known(call + 1));
        let most = if before > 0.0 { ((1.0 - after) / before).min(1.0) } else { 0.0 };
        let again = match self.sigma {
            Sigma::Cap(cap) => cap.min(most),
            Sigma::Rescale(share) => share * most,
        };
        if after >= 1.0 {
            return (1.0, again);
        }
        ((after - (1.0 - again) * before) / (1.0 - before), again)
    }

    fn check(&self, vocab: usize) -> Result<()> {
        self.warps.check(vocab)?;
        self.warps.check_unordered()?;
        let (Sigma::Cap(sigma) | Sigma::Rescale(sigma)) = self.sigma;
        check_calls(self.calls)?;
        let (name, expected, got) = ("probability to mask again", "in 0..=1", sigma);
        let holds = (0.0..=1.0).contains(&sigma);
        if holds { Ok(()) } else { Err(Error::Parameter { name, expected, got }) }
    }

    /// Call `call` on a canvas: reveals some masked positions and masks some known ones.
    ///
    /// The result depends on the arguments alone, so laws of whole runs can be enumerated.
    ///
    /// # Errors
    /// Bad parameters; what the model, the warps or the draws report.
    pub fn step<M: Masked + ?Sized>(
        &self,
        model: &M,
        canvas: &Canvas,
        call: usize,
        key: Key,
        draws: &mut dyn Draws,
    ) -> Result<Step> {
        self.step_at(model, canvas, Turn { call, key, top: None }, draws)
    }

    fn step_at<M: Masked + ?Sized>(
        &self,
        model: &M,
        canvas: &Canvas,
        Turn { call, key, top }: Turn,
        draws: &mut dyn Draws,
    ) -> Result<Step> {
        self.check(model.vocab())?;
        let (reveal, mask) = self.chances(call);
        let (mut asked, mut again) = (Vec::new(), Vec::new());
        for row in 0..canvas.rows() {
            for (at, cell) in canvas.row(row).iter().enumerate() {
                let key = key.at(key.row.wrapping_add(row as u32), at as u32);
                let coin = |kind: Kind| key.kind(kind).round(call as u32);
                if *cell == Cell::Masked {
                    if draws.coin(reveal, coin(Kind::Order))? {
                        asked.push(Pos { row, at });
                    }
                } else if !canvas.fixed(row)[at] && draws.coin(mask, coin(Kind::Remask))? {
                    again.push(Pos { row, at });
                }
            }
        }
        let (key, pick) = (key.round(call as u32), Pick::Sample);
        let fill = Fill { canvas, at: &asked, warps: &self.warps, pick, key, top };
        let mut step =
            if asked.is_empty() { Step::nothing(canvas) } else { fill.run(model, draws)? };
        again.iter().try_for_each(|pos| step.canvas.mask(pos.row, pos.at))?;
        Ok(step)
    }
}

impl Rule for ReMdm {
    fn step<M: Masked + ?Sized>(
        &mut self,
        model: &M,
        canvas: &Canvas,
        turn: Turn,
        draws: &mut dyn Draws,
    ) -> Result<(Step, ControlFlow<()>)> {
        let step = self.step_at(model, canvas, turn, draws)?;
        let last = turn.call + 1 == self.calls;
        Ok((step, if last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }))
    }
}

impl<M: Masked + ?Sized> Strategy<M> for ReMdm {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        self.check(model.vocab())?;
        start(model, self.clone(), self.calls, &request, draws)
    }
}

impl<M: Masked + ?Sized> OnCanvas<M> for ReMdm {
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
        let rule = self.clone();
        Ok(Box::new(Engine::new(model, rule, self.calls, canvas, request)))
    }
}
