//! Generation for Gradus: autoregressive, parallel and mixed samplers with exact laws.
#![forbid(unsafe_code)]

mod canvas;
mod dist;
mod error;
mod logits;
mod model;
mod ragged;
mod state;

pub use canvas::{Canvas, Cell, Pos};
pub use dist::Dist;
pub use error::{Error, Result};
pub use gradus_core::{Key, Kind, Role};
pub use logits::Logits;
pub use model::{Both, Causal, Masked, Start, Want};
pub use ragged::Ragged;
pub use state::{Mark, State, TokenState};
