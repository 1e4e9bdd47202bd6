//! One call of a masked model, and a draw at every asked position.

use std::time::Instant;

use gradus_core::Key;

use crate::own::Own;
use crate::{Canvas, Dist, Drawn, Draws, History, Logits, Masked, Pick, Pos, Result, Step, Warps};

/// What is asked of a masked model.
pub(super) struct Fill<'a> {
    pub(super) canvas: &'a Canvas,
    pub(super) at: &'a [Pos],
    pub(super) warps: &'a Warps,
    pub(super) pick: Pick,
    /// The request's key, in the round of this call.
    pub(super) key: Key,
    /// How many of the most probable ids are reported; `None` if nothing is.
    pub(super) top: Option<usize>,
}

impl Fill<'_> {
    /// The canvas with a token at every asked position, each from its own law.
    pub(super) fn run<M: Masked + ?Sized>(&self, model: &M, draws: &mut dyn Draws) -> Result<Step> {
        let mut logits = Logits::new(model.vocab());
        let start = Instant::now();
        model.fill(self.canvas, self.at, &mut logits)?;
        let time = start.elapsed();
        logits.expect_rows(self.at.len())?;
        let mut rows: Vec<usize> = self.at.iter().map(|pos| pos.row).collect();
        rows.dedup();
        let fed = rows.len() * self.canvas.len();
        let mut step = Step { fed, time, ..Step::nothing(self.canvas) };
        let (mut dist, mut own) = (Dist::default(), Own::new(self.top));
        for (k, &Pos { row, at }) in self.at.iter().enumerate() {
            let key = self.key.at(self.key.row.wrapping_add(row as u32), at as u32);
            let (prompt, generated) = history(self.canvas, row, self.warps);
            let history = History { prompt: &prompt, generated: &generated, logps: &[] };
            own.read(logits.row(k)).map_err(|e| e.at(row, at))?;
            self.warps
                .dist_into(logits.row_mut(k), &history, key, &mut dist)
                .map_err(|e| e.at(row, at))?;
            let id = match self.pick {
                Pick::Sample => draws.token(&dist, key)?,
                Pick::Greedy => dist.argmax(),
            };
            step.own.extend(own.law(id));
            step.drawn.push(Drawn { row, at, id, logp: dist.p(id).ln() });
            step.canvas.set(row, at, id)?;
        }
        Ok(step)
    }
}

/// What warps may look at: given ids, then drawn ids; nothing if there are no warps.
pub(super) fn history(canvas: &Canvas, row: usize, warps: &Warps) -> (Vec<u32>, Vec<u32>) {
    let (mut prompt, mut generated) = (Vec::new(), Vec::new());
    if !warps.is_empty() {
        for (cell, &fixed) in canvas.row(row).iter().zip(canvas.fixed(row)) {
            if fixed { &mut prompt } else { &mut generated }.extend(cell.id());
        }
    }
    (prompt, generated)
}
