//! Splits of `0..len` into parts: every index in exactly one of them. Folds for cross-validation.

mod chronological;
mod fold;
mod group;
mod k_fold;
mod part;
mod random;
mod stratified;

pub use chronological::{Window, chronological_folds, chronological_split};
pub use fold::Fold;
pub use group::{group_k_fold, group_split};
pub use k_fold::{k_fold, stratified_k_fold};
pub use part::Part;
pub use random::random_split;
pub use stratified::stratified_split;
