//! The model guesses for itself.

use super::drafter::{Ask, Drafter, Hand};
use super::speculate::{Engine, Plan};
use crate::{Causal, Draws, Error, Proposal, Request, Result, Rule, Run, Stops, Strategy, Warps};

/// Jacobi iteration with fixed noise: guesses of the next `window` positions are all drawn again in one
/// call, until they no longer change.
///
/// Each position keeps its noise, so the fixed point is the output of [`Ar`](crate::Ar) with the same
/// warps, stops and seed, token for token. Each call commits at least one token and needs no draft
/// model. It pays where many values are forced by their neighbours: images, waves, code.
///
/// # Reference
/// Wiggers & Hoogeboom 2020, "Predictive Sampling with Forecasting Autoregressive Models"; Song et al.
/// 2020, "Accelerating Feedforward Computation via Parallel Nonlinear Equation Solving".
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Jacobi, Request, Strategy};
///
/// let chain = Chain::new(0.1)?;
/// let request = Request::new([1]).seed(7).max(40);
/// let plain = Ar::default().run(&chain, request.clone())?.collect_all()?;
/// let fast = Jacobi::default().run(&chain, request)?.collect_all()?;
/// assert_eq!(fast.row(0), plain.row(0));
/// assert!(2 * fast.stats.calls < plain.stats.calls);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Jacobi {
    /// How many positions are guessed at once.
    pub window: usize,
    /// What happens to the logits before each draw.
    pub warps: Warps,
    /// What ends a row before its length.
    pub stop: Stops,
}

impl Default for Jacobi {
    /// Sixteen positions.
    fn default() -> Self {
        Self { window: 16, warps: Warps::none(), stop: Stops::default() }
    }
}

impl<M: Causal + ?Sized> Strategy<M> for Jacobi {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        if self.window == 0 {
            let (name, expected) = ("window", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        let plan = Plan {
            ahead: self.window,
            rule: Rule::Coupled,
            warps: self.warps.clone(),
            stop: self.stop.clone(),
        };
        let cells = request.cells(model.vocab())?;
        let engine = Engine::new(model, &Iterate, plan, &cells, &request)?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

/// Proposes what the target drew last time, and its last token again and again after that.
struct Iterate;

impl Drafter for Iterate {
    type State = ();

    const WANTS_REST: bool = true;

    fn check(&self, _: usize, _: usize) -> Result<()> {
        Ok(())
    }

    fn begin(&self, _: usize) -> Result<()> {
        Ok(())
    }

    fn propose(
        &self,
        (): &mut (),
        asks: &[Ask<'_>],
        _: &mut Hand<'_>,
    ) -> Result<Vec<Vec<Proposal>>> {
        let of = |ask: &Ask<'_>| {
            let last = ask.rest.last().copied().or_else(|| ask.history.iter().last()).unwrap_or(0);
            let again = std::iter::repeat(last);
            ask.rest.iter().copied().chain(again).take(ask.ahead).map(Proposal::sure).collect()
        };
        Ok(asks.iter().map(of).collect())
    }

    fn settle(&self, (): &mut (), _: usize, _: &[u32]) -> Result<()> {
        Ok(())
    }

    fn retain(&self, (): &mut (), _: &[usize]) {}
}
