//! What the examples share: small real data that come inside a crate, a GPT, experiments, and pictures.
#![forbid(unsafe_code)]

mod contour;
mod digit_rows;
mod digits;
mod english;
mod experiment;
mod figures;
mod ink;
mod nuclei;
mod plane;
mod planes;
mod sheet;
mod small_gpt;
mod stack;

pub use digit_rows::{DigitRows, Rows, reading_loss};
pub use digits::Digits;
pub use english::english;
pub use experiment::Experiment;
pub use figures::{data_file, print_json};
pub use ink::Ink;
pub use nuclei::Nuclei;
pub use plane::{Anchor, Plane};
pub use planes::planes;
pub use sheet::Sheet;
pub use small_gpt::{SmallGpt, TrainedGpt};
pub use stack::stacked;

/// The Rust programs of the page are compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/from-pytorch.md")]
struct FromPytorch;

/// So are those of the guide; its two languages show the same ones.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/en/01-three-steps.md")]
#[doc = include_str!("../../docs/guide/en/03-gradient-descent.md")]
#[doc = include_str!("../../docs/guide/en/04-stochastic-descent.md")]
#[doc = include_str!("../../docs/guide/en/05-feature-scaling.md")]
#[doc = include_str!("../../docs/guide/en/06-neurons-and-layers.md")]
#[doc = include_str!("../../docs/guide/en/07-backpropagation.md")]
#[doc = include_str!("../../docs/guide/en/08-why-deep.md")]
#[doc = include_str!("../../docs/guide/en/09-pieces.md")]
#[doc = include_str!("../../docs/guide/en/10-generation.md")]
struct Guide;
