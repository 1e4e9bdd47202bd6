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
