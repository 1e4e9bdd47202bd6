//! Readers of files. Every error names the file.

mod csv;
mod idx;
mod table;
mod text;

pub use self::csv::{ColumnKind, CsvConfig, Header, Missing, Quoting};
pub use idx::read_idx;
pub use table::{Column, Table, Values};
pub use text::read_text;
