//! The file that a study goes on from.

mod file;
mod header;
mod line;

pub(crate) use file::Journal;
pub(crate) use header::Header;
