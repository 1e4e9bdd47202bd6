//! A language model whose memory is the state of recurrent layers.

mod config;
mod feed;
mod net;
mod recurrent;
mod state;

pub use config::{RnnKind, RnnLmConfig};
pub use net::RnnLm;
pub use state::RnnLmState;
