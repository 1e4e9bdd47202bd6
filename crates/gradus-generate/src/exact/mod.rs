//! Laws that are known exactly, and the exact laws of strategies on them.
//!
//! [`Chain`], [`Hmm`] and [`Table`] are a causal and a masked model of the same law. [`Law`] enumerates what a
//! strategy makes of such a model, by trying every random choice on a [`Tape`]. So the price of drawing
//! positions together is computed, not estimated: [`trade_offs`] is the chart of it.

mod chain;
mod chart;
mod cost;
mod hmm;
mod law;
mod table;
mod tape;

pub use chain::Chain;
pub use chart::{TradeOff, trade_offs};
pub use hmm::Hmm;
pub use law::{Comparison, Law};
pub use table::Table;
pub use tape::{Tape, enumerate};
