//! WaveNet: dilated causal convolutions, trained over whole waves, played sample by sample.

mod block;
mod condition;
mod config;
mod feed;
mod net;
mod player;
mod prepared;
mod row;
mod state;

pub use condition::WaveNetCondition;
pub use config::WaveNetConfig;
pub use net::WaveNet;
pub use player::WaveNetPlayer;
pub use state::WaveNetState;
