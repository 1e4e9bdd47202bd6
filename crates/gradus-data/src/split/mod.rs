//! Splits of `0..len` into parts: every index in exactly one of them.

mod chronological;
mod part;
mod random;
mod stratified;

pub use chronological::chronological_split;
pub use part::Part;
pub use random::random_split;
pub use stratified::stratified_split;
