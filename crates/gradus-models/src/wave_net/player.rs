//! A WaveNet that is ready to play.

use std::sync::Arc;

use super::condition::WaveNetCondition;
use super::net::WaveNet;
use super::prepared::Prepared;
use super::state::WaveNetState;
use crate::error::Result;
use crate::prepared_rows::{PreparedRows, RowsOf};
use crate::real::is_double;

/// A [`WaveNet`] with its weights laid out for generation, and one condition for each row of a request.
///
/// Made by [`WaveNet::player`]. It holds a copy of the weights: training the net afterwards does not change
/// it.
#[derive(Debug, Clone)]
pub struct WaveNetPlayer {
    net: Numbers,
    /// `None` if there is no condition, so that any number of rows will do.
    pub(super) rows: Option<usize>,
    pub(super) levels: usize,
    pub(super) context: Option<usize>,
}

/// In the dtype of the net.
#[derive(Debug, Clone)]
enum Numbers {
    F32(Arc<Prepared<f32>>),
    F64(Arc<Prepared<f64>>),
}

impl WaveNetPlayer {
    pub(super) fn new(net: &WaveNet, condition: &WaveNetCondition) -> Result<Self> {
        let rows = condition.rows();
        net.check_condition(condition, rows.unwrap_or(1))?;
        let numbers = if is_double(net.output.weight.dtype()) {
            Numbers::F64(Arc::new(Prepared::new(net, condition)?))
        } else {
            Numbers::F32(Arc::new(Prepared::new(net, condition)?))
        };
        let (levels, context) = (net.config().levels, net.covered(condition));
        Ok(Self { net: numbers, rows, levels, context })
    }

    /// Rows without a past.
    pub(super) fn state(&self, rows: usize) -> WaveNetState {
        let conditions = (0..rows).map(|row| if self.rows.is_some() { row } else { 0 });
        WaveNetState(match &self.net {
            Numbers::F32(net) => PreparedRows::F32(RowsOf::new(net, conditions)),
            Numbers::F64(net) => PreparedRows::F64(RowsOf::new(net, conditions)),
        })
    }
}
