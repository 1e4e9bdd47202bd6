//! `cargo xtask tidy`: rules of the house that neither the compiler nor clippy checks.
//!
//! Every check is a file of its own with one function from what it reads to the faults it finds.
//! A check that reads Rust works on tokens, not on lines of text, so a rule's word inside a string
//! or a comment is no fault.

mod arrows;
mod attributes;
mod check_tables;
mod fault;
mod guide_pages;
mod io_rooms;
mod leftovers;
mod links;
mod markdown;
mod module_names;
mod op_rooms;
mod ops_page;
mod paths;
mod report;
mod sizes;
mod source;
mod tokens;
mod tree;
mod unsafe_rooms;

pub(crate) use fault::Fault;
pub(crate) use report::run;
pub(crate) use source::Source;
pub(crate) use tokens::Token;
pub(crate) use tree::Tree;
