//! What the examples share: small real data that come inside a crate, and pictures.
#![forbid(unsafe_code)]

mod digits;
mod figures;
mod nuclei;
mod sheet;

pub use digits::Digits;
pub use figures::{data_file, print_json};
pub use nuclei::Nuclei;
pub use sheet::Sheet;

/// The Rust programs of the page are compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/from-pytorch.md")]
struct FromPytorch;
