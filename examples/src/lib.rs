//! What the examples share: small real data that come inside a crate, a GPT, and pictures.
#![forbid(unsafe_code)]

mod digits;
mod english;
mod figures;
mod nuclei;
mod sheet;
mod small_gpt;

pub use digits::Digits;
pub use english::english;
pub use figures::{data_file, print_json};
pub use nuclei::Nuclei;
pub use sheet::Sheet;
pub use small_gpt::{SmallGpt, TrainedGpt};

/// The Rust programs of the page are compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/from-pytorch.md")]
struct FromPytorch;
