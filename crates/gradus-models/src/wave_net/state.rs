//! What a WaveNet remembers of each row.

use super::prepared::Prepared;
use crate::prepared_rows::{PreparedRows, state_of_rows};

/// One queue of past inputs for each layer of each row, as long as the layer reaches back.
///
/// While a mark is open, queues hold what was fed since, too.
#[derive(Debug, Clone)]
pub struct WaveNetState(pub(super) PreparedRows<Prepared<f32>, Prepared<f64>>);

state_of_rows!(WaveNetState);
