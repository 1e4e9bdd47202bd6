//! Continuous values, all at once: from noise to data along a path, in a few calls.
//!
//! All paths are x(t) = a(t)·data + s(t)·noise. A [`Denoise`] model estimates the data (or the noise, or
//! the velocity) from x(t); a [`Flow`] walks a [`Grid`] of times with a [`Solver`]. One-shot decoders,
//! such as those of a VAE or a GAN, are [`Solver::Direct`].

mod denoise;
mod grid;
mod path;
mod run;
mod samples;
mod solver;
mod step;

pub use crate::Guided;
pub use denoise::{Denoise, Target};
pub use grid::Grid;
pub use path::Path;
pub use run::{FlowOutput, FlowRun, Preview};
pub use samples::Samples;
pub use solver::{Flow, Solver};
