//! Rows that grow from left to right.

use std::sync::Arc;

use gradus_core::Key;

use crate::ends::Ends;
use crate::prompt::{first_fed, fits};
use crate::{Causal, Cell, Error, Finish, History, Layout, OwnLaw, Request, Result, Stops};

/// A row under way.
#[derive(Clone)]
pub(super) struct Row {
    /// Its number in the request.
    pub(super) number: usize,
    /// Prompt, then generated.
    pub(super) tokens: Vec<u32>,
    /// How many of the tokens are the prompt.
    pub(super) prompt: usize,
    /// The log-probabilities of the generated tokens.
    pub(super) logps: Vec<f64>,
    /// What the model itself says of the generated tokens, if that is asked for.
    pub(super) own: Vec<OwnLaw>,
    /// The position of each token.
    pub(super) slots: Vec<usize>,
    /// The request's key.
    key: Key,
    /// What ends this row beside the strategy's stops.
    ends: Arc<Ends>,
}

impl Row {
    /// What is given must come first in the plan.
    fn new(
        plan: &Layout,
        number: usize,
        cells: &[Cell],
        key: Key,
        ends: Arc<Ends>,
    ) -> Result<Self> {
        let slots = plan.positions(cells.len())?;
        let tokens: Vec<u32> = slots.iter().map_while(|&at| cells[at].id()).collect();
        let prompt = tokens.len();
        if prompt == slots.len() {
            let what = "positions to draw in a row, at least";
            return Err(Error::Length { what, expected: 1, got: 0 });
        }
        if slots[prompt..].iter().any(|&at| cells[at] != Cell::Masked) {
            let what = "a known position after a masked one";
            return Err(Error::Contradiction { what, with: "drawing one after the other" });
        }
        Ok(Self { number, tokens, prompt, logps: Vec::new(), own: Vec::new(), slots, key, ends })
    }

    /// What the warps may look at.
    pub(super) fn history(&self) -> History<'_> {
        let (prompt, generated) = self.tokens.split_at(self.prompt);
        History { prompt, generated, logps: &self.logps }
    }

    /// How many positions are still to be drawn.
    pub(super) fn left(&self) -> usize {
        self.slots.len() - self.tokens.len()
    }

    /// The position that comes `ahead` places after the next one.
    pub(super) fn position(&self, ahead: usize) -> usize {
        self.slots[self.tokens.len() + ahead]
    }

    /// The key of that position.
    pub(super) fn key(&self, ahead: usize) -> Key {
        let row = self.key.row.wrapping_add(self.number as u32);
        self.key.at(row, self.position(ahead) as u32)
    }

    /// Takes the next token, and says whether it ends the row.
    pub(super) fn push(&mut self, id: u32, logp: f64, stop: &Stops) -> Option<Finish> {
        self.tokens.push(id);
        self.logps.push(logp);
        let full = (self.left() == 0).then_some(Finish::Length);
        let generated = &self.tokens[self.prompt..];
        let own = || self.ends.hit(generated, stop.sequences.len());
        stop.hit(generated).or_else(own).or(full)
    }
}

/// The rows of a request, and what the model is fed before the first draw of each.
pub(super) fn begin<M: Causal + ?Sized>(
    model: &M,
    plan: &Layout,
    cells: &[Vec<Cell>],
    request: &Request,
) -> Result<(Vec<Row>, Vec<Vec<u32>>)> {
    let ends = request.ends(model.vocab(), cells.len())?;
    let (mut rows, mut pending) = (Vec::new(), Vec::new());
    for (r, (cells, ends)) in cells.iter().zip(ends).enumerate() {
        let row = Row::new(plan, r, cells, request.key(), ends)?;
        let fed = first_fed(model.start(), r, &row.tokens)?;
        fits(model, fed.len() + row.left() - 1)?;
        rows.push(row);
        pending.push(fed);
    }
    Ok((rows, pending))
}
