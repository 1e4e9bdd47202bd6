//! WaveNet as a strategy sees it.

use gradus_generate::{Causal, Logits, Ragged, Result, Start, Want};

use super::condition::WaveNetCondition;
use super::net::WaveNet;
use super::player::WaveNetPlayer;
use super::state::WaveNetState;
use crate::error::for_strategy;
use crate::inputs::check_rows;

/// The start token is the number of levels.
impl Causal for WaveNetPlayer {
    type State = WaveNetState;

    fn vocab(&self) -> usize {
        self.levels
    }

    fn start(&self) -> Start {
        Start::Always(self.levels as u32)
    }

    /// What the frames cover, if there are any.
    fn context(&self) -> Option<usize> {
        self.context
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.rows.is_none() || row == other
    }

    /// # Errors
    /// [`gradus_generate::Error::Length`] unless there is one condition for each row.
    fn begin(&self, rows: usize) -> Result<WaveNetState> {
        check_rows("rows of a conditioned player", self.rows.unwrap_or(rows), rows)?;
        Ok(self.state(rows))
    }

    /// # Errors
    /// [`crate::Error::Token`], [`crate::Error::Start`] or [`crate::Error::Context`]; the state is then
    /// unchanged.
    fn feed(
        &self,
        state: &mut WaveNetState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.0.feed(tokens, want, out)
    }
}

/// Each state holds a copy of the weights as they were when it began; [`WaveNet::player`] makes that copy
/// once for many.
impl Causal for WaveNet {
    type State = WaveNetState;

    fn vocab(&self) -> usize {
        self.config().levels
    }

    fn start(&self) -> Start {
        Start::Always(self.config().levels as u32)
    }

    /// # Errors
    /// [`crate::Error::Classes`] or [`crate::Error::Frames`] if the net is conditioned: that is what
    /// [`WaveNet::player`] is for.
    fn begin(&self, rows: usize) -> Result<WaveNetState> {
        let player = self.player(&WaveNetCondition::default()).map_err(for_strategy)?;
        Ok(player.state(rows))
    }

    fn feed(
        &self,
        state: &mut WaveNetState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.0.feed(tokens, want, out)
    }
}
