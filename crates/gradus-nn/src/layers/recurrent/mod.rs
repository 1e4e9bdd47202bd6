//! Recurrent layers over sequences, and their cells for single steps.

mod cells;
mod config;
mod gru;
mod lstm;
mod rnn;
mod stack;

pub use cells::{GruCell, LstmCell, RnnCell};
pub use config::{Directions, RecurrentConfig, SequenceLayout};
pub use gru::Gru;
pub use lstm::{Lstm, LstmState};
pub use rnn::Rnn;
