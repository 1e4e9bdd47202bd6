//! Who proposes tokens.

use gradus_core::{Key, Kind};

use crate::{Dist, Draws, History, Proposal, Result, Stats, Warps};

/// Proposes tokens ahead of a target model. Every [`Causal`](crate::Causal) model is one, and so is [`Lookup`](crate::Lookup).
pub trait Drafter: Sync {
    /// What it remembers of the rows.
    type State;

    /// Whether [`Ask::rest`] is wanted, which costs a draw for each proposal that was not kept.
    const WANTS_REST: bool = false;

    /// Refuses a target with another vocabulary, or rows of more tokens than it can take.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length).
    fn check(&self, vocab: usize, tokens: usize) -> Result<()>;

    /// A memory of rows that hold nothing.
    ///
    /// # Errors
    /// Whatever a model reports.
    fn begin(&self, rows: usize) -> Result<Self::State>;

    /// At most [`Ask::ahead`] proposals for each row.
    ///
    /// # Errors
    /// Whatever a model or a warp reports.
    fn propose(
        &self,
        state: &mut Self::State,
        asks: &[Ask<'_>],
        hand: &mut Hand<'_>,
    ) -> Result<Vec<Vec<Proposal>>>;

    /// Forgets proposals that did not come true: `tokens` is what the row really holds.
    ///
    /// # Errors
    /// Whatever a state reports.
    fn settle(&self, state: &mut Self::State, row: usize, tokens: &[u32]) -> Result<()>;

    /// Keeps the named rows.
    fn retain(&self, state: &mut Self::State, rows: &[usize]);
}

/// What a [`Drafter`] is asked for one row.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What the row holds.
    pub history: History<'a>,
    /// The row's number in the request.
    pub row: usize,
    /// The most proposals that can be of use.
    pub ahead: usize,
    /// The key of the first proposal's position.
    pub key: Key,
    /// What the target drew in its last call after the first proposal that was not kept.
    pub rest: &'a [u32],
}

/// With what a [`Drafter`] draws: the target's warps, and noise of the right kind.
pub struct Hand<'a> {
    pub(super) warps: &'a Warps,
    pub(super) kind: Kind,
    pub(super) draws: &'a mut dyn Draws,
    /// Where calls are counted.
    pub stats: &'a mut Stats,
}

impl Hand<'_> {
    /// Draws the proposal of a row that comes after the proposals `before` it.
    ///
    /// # Errors
    /// As [`Warps::dist`], with the place of the position.
    pub fn draw(
        &mut self,
        ask: &Ask<'_>,
        before: &[Proposal],
        logits: &mut [f64],
    ) -> Result<Proposal> {
        let pos = ask.key.pos + before.len() as u32;
        let key = ask.key.at(ask.key.row, pos);
        let mut from = Dist::default();
        let mut generated = ask.history.generated.to_vec();
        generated.extend(before.iter().map(|p| p.token));
        let mut logps = ask.history.logps.to_vec();
        logps.extend(before.iter().map(|p| p.from.p(p.token).ln()));
        let history = History { prompt: ask.history.prompt, generated: &generated, logps: &logps };
        self.warps
            .dist_into(logits, &history, key, &mut from)
            .map_err(|e| e.at(ask.row, pos as usize))?;
        let token = self.draws.token(&from, key.kind(self.kind))?;
        Ok(Proposal { token, from })
    }
}

impl std::fmt::Debug for Hand<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hand").field("warps", &self.warps).finish_non_exhaustive()
    }
}
