//! PixelCNN as a strategy sees it.

use gradus_generate::{Causal, Logits, Ragged, Result, Start, Want};

use super::net::{NAME, PixelCnn};
use super::painter::{PixelCnnPainter, PixelCnnState};
use crate::error::for_strategy;
use crate::inputs::{check_classes, check_rows};

/// The start token is the number of levels; tokens are the pixels, row after row.
impl Causal for PixelCnnPainter {
    type State = PixelCnnState;

    fn vocab(&self) -> usize {
        self.levels
    }

    fn start(&self) -> Start {
        Start::Always(self.levels as u32)
    }

    fn context(&self) -> Option<usize> {
        Some(self.pixels)
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.rows.is_none() || row == other
    }

    /// # Errors
    /// [`gradus_generate::Error::Length`] unless there is one class for each row.
    fn begin(&self, rows: usize) -> Result<PixelCnnState> {
        check_rows("rows of a painter with classes", self.rows.unwrap_or(rows), rows)?;
        Ok(self.state(rows))
    }

    /// # Errors
    /// [`crate::Error::Token`], [`crate::Error::Start`] or [`crate::Error::Context`]; the state is then
    /// unchanged.
    fn feed(
        &self,
        state: &mut PixelCnnState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.0.feed(tokens, want, out)
    }
}

/// Each state holds a copy of the weights as they were when it began; [`PixelCnn::painter`] makes that copy
/// once for many.
impl Causal for PixelCnn {
    type State = PixelCnnState;

    fn vocab(&self) -> usize {
        self.config().levels
    }

    fn start(&self) -> Start {
        Start::Always(self.config().levels as u32)
    }

    fn context(&self) -> Option<usize> {
        Some(self.config().image.iter().product())
    }

    /// # Errors
    /// [`crate::Error::Classes`] if the net knows classes: they are given through [`PixelCnn::painter`].
    fn begin(&self, rows: usize) -> Result<PixelCnnState> {
        check_classes(NAME, None, rows, self.config().classes).map_err(for_strategy)?;
        Ok(self.painter([]).map_err(for_strategy)?.state(rows))
    }

    fn feed(
        &self,
        state: &mut PixelCnnState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.0.feed(tokens, want, out)
    }
}
