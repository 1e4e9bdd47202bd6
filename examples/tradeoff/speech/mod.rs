//! Spoken digits: samples of sound, frames of spectra, or codes of frames.

mod codes;
mod critic;
mod flow;
mod recordings;
mod sound;
mod stage;
mod voices;
mod wave;

pub(crate) use stage::{load, run};
