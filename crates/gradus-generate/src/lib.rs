//! Generation for Gradus: autoregressive, parallel and mixed samplers with exact laws.
//!
//! Every generator repeats one step: **choose positions, call the model once, draw each of them
//! independently given what is known.** The families differ only in how positions are chosen.
//!
//! | family | positions of a call | [`Strategy`] |
//! |---|---|---|
//! | autoregressive, one piece after the other | the next one | [`Ar`] |
//! | the same, looking for the most probable row | the next one | [`Beam`] |
//! | non-autoregressive, all in one go | all of them | [`Parallel`] with `calls: 1` |
//! | iterative refinement, N goes | a few | [`Parallel`] |
//! | the same, and what is known may be masked again | a few, by chance or by doubt | [`ReMdm`], [`MaskPredict`] |
//! | both: blocks one after the other, each in a few goes | a few of a block | [`Blocks`] |
//! | both: guesses of a small model, checked by the large one in one call | all guesses | [`Draft`] |
//! | both, without a small model: guesses are what the model drew last time | all guesses | [`Jacobi`] |
//! | continuous values, all in one go or in N | all of them, every time | [`flow::Flow`] |
//! | both: a plan one after the other, then the details in one go | the next one of the plan, then all others | [`Then`] |
//! | rows whose length a model says first | those of the inner strategy | [`ByLength`] |
//!
//! # The types and how they meet
//! A model implements [`Causal`] (p of the next token; a [`Prefix`] of it has read the prompt already) or [`Masked`] (p of masked positions of a
//! [`Canvas`]). A [`Request`] says what is given and how much is wanted. [`Strategy::run`] makes a
//! [`Run`], an iterator of [`Event`]s, from which an [`Output`] with its [`Stats`] is collected.
//! Before each draw the [`Warps`] shape the logits into a [`Dist`], the only thing one can draw from.
//! Every draw is a pure function of a [`Key`] (seed, row, position), so a row's tokens do not depend on
//! the batch around it. [`exact`] holds models whose law is known and enumerates what a strategy makes
//! of them.
//!
//! # Example
//! A model that counts, with a little doubt:
//! ```
//! use gradus_generate::{
//!     Ar, Causal, Finish, Logits, Ragged, Request, Result, Start, Stops, Strategy, TokenState, TopK,
//!     Want, Warps,
//! };
//!
//! struct Count;
//!
//! impl Causal for Count {
//!     type State = TokenState;
//!     fn vocab(&self) -> usize {
//!         10
//!     }
//!     fn start(&self) -> Start {
//!         Start::Prompt
//!     }
//!     fn begin(&self, rows: usize) -> Result<TokenState> {
//!         Ok(TokenState::new(rows))
//!     }
//!     fn feed(&self, state: &mut TokenState, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
//!         state.push(new)?;
//!         for row in new.iter() {
//!             let wanted = match want {
//!                 Want::None => &[],
//!                 Want::Last => &row[row.len().saturating_sub(1)..],
//!                 Want::All => row,
//!             };
//!             for id in wanted {
//!                 let mut logits = [0.0f32; 10];
//!                 logits[(id + 1) as usize % 10] = 3.0;
//!                 out.extend(&logits)?;
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // Ragged prompts, one of which reaches the stop id early.
//! let sure = Ar { warps: Warps::none().with(TopK(1)), stop: Stops::at(9), ..Ar::default() };
//! let request = Request::prompts([vec![1, 2], vec![7]]).seed(7).max(4);
//! let output = sure.run(&Count, request)?.collect_all()?;
//! assert_eq!((output.row(0), output.finish[0]), (vec![1, 2, 3, 4, 5, 6], Finish::Length));
//! assert_eq!((output.row(1), output.finish[1]), (vec![7, 8, 9], Finish::Stop(9)));
//! # Ok::<(), gradus_generate::Error>(())
//! ```
//!
//! # What it does not know
//! Models, gradients, tokenizers, files. What a model is conditioned on beyond tokens belongs to the
//! model's adapter.
#![forbid(unsafe_code)]

mod after;
mod canvas;
mod dist;
mod draws;
mod ends;
mod error;
pub mod eval;
mod event;
pub mod exact;
pub mod flow;
mod guided;
mod layout;
mod logits;
mod model;
mod order;
mod output;
mod own;
mod prefix;
mod prompt;
mod ragged;
mod request;
mod reveal;
mod run;
mod score;
mod state;
mod stats;
mod stop_texts;
mod stops;
mod strategy;
mod utf8;
mod warp;

pub use after::After;
pub use canvas::{Canvas, Cell, Pos};
pub use dist::Dist;
pub use draws::{Draws, Keyed};
pub use error::{Error, Result};
pub use event::{Event, Finish};
pub use gradus_core::{Key, Kind, Role};
pub use guided::{Guided, GuidedState};
pub use layout::Layout;
pub use logits::Logits;
pub use model::{Both, Causal, Masked, Start, Want};
pub use order::Order;
pub use output::Output;
pub use own::OwnLaw;
pub use prefix::Prefix;
pub use ragged::Ragged;
pub use request::Request;
pub use reveal::Reveal;
pub use run::{Engine, Round, Run, Stopper};
pub use score::score;
pub use state::{Mark, State, TokenState};
pub use stats::Stats;
pub use stop_texts::StopTexts;
pub use stops::Stops;
pub use strategy::{
    Ar, Ask, Beam, Blocks, ByLength, Draft, Drafted, Drafter, Drafting, Drawn, Hand, Jacobi, Join,
    LengthHead, Lookup, MaskPredict, OnCanvas, Parallel, PerBlock, Pick, Proposal, ReMdm, Rule,
    Sigma, Step, Strategy, Then, WithLength,
};
pub use utf8::Utf8Stream;
pub use warp::{
    Allow, Bias, Dry, History, MinP, Mirostat, Pattern, Penalty, Repetition, Stage, Temperature,
    TopK, TopNSigma, TopP, Typical, Warp, Warps, Xtc,
};
