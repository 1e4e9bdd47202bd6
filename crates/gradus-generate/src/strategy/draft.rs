//! A small model guesses, the large one checks.

use super::drafter::Drafter;
use super::speculate::{Engine, Plan};
use crate::{Causal, Draws, Error, Request, Result, Rule, Run, Stops, Strategy, Warps};

/// Speculative decoding: a draft proposes a few tokens, one call of the target checks all of them.
///
/// With [`Rule::Coupled`], the default, the output is that of [`Ar`](crate::Ar) with the same warps,
/// stops and seed, token for token, whatever the draft; with [`Rule::Reject`] it has the same law. The
/// warps act on target and draft alike. A better draft makes it faster, never different.
///
/// With a the share of proposals that are kept and γ = `ahead`, one call of the target makes
/// (1 − a^(γ+1)) / (1 − a) tokens on average; whether that pays depends on what a call with γ + 1
/// tokens costs beside one with a single token, which on a CPU is not the same.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Draft, Drafted, Request, Strategy};
///
/// let (target, draft) = (Chain::new(0.1)?, Chain::new(0.2)?);
/// let request = Request::new([1]).seed(7).max(40);
/// let plain = Ar::default().run(&target, request.clone())?.collect_all()?;
/// let pair = Drafted { target: &target, draft: &draft };
/// let fast = Draft::default().run(&pair, request)?.collect_all()?;
/// assert_eq!(fast.row(0), plain.row(0));
/// assert!(2 * fast.stats.calls < plain.stats.calls);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Draft {
    /// The most proposals per call of the target: γ. Also called the number of speculative tokens.
    pub ahead: usize,
    /// How it is decided what is kept.
    pub rule: Rule,
    /// What happens to the logits of both models before each draw.
    pub warps: Warps,
    /// What ends a row before its length.
    pub stop: Stops,
}

impl Default for Draft {
    /// Four proposals, coupled.
    fn default() -> Self {
        let (warps, stop) = (Warps::none(), Stops::default());
        Self { ahead: 4, rule: Rule::default(), warps, stop }
    }
}

/// A target with its draft: another [`Causal`] model of the same vocabulary, or a
/// [`Lookup`](crate::Lookup).
#[derive(Debug, Clone, Copy)]
pub struct Drafted<T, D> {
    /// The model whose law is wanted.
    pub target: T,
    /// The one that guesses.
    pub draft: D,
}

impl<T: Causal, D: Drafter> Strategy<Drafted<T, D>> for Draft {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m Drafted<T, D>,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        if self.ahead == 0 {
            let (name, expected) = ("tokens a draft proposes", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        self.rule.check()?;
        let plan = Plan {
            ahead: self.ahead,
            rule: self.rule,
            warps: self.warps.clone(),
            stop: self.stop.clone(),
        };
        let cells = request.cells(model.target.vocab())?;
        let engine = Engine::new(&model.target, &model.draft, plan, &cells, &request)?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}
