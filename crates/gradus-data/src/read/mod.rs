//! Readers of files. Every error names the file.

mod builder;
mod chunks;
mod csv;
mod csv_rows;
mod idx;
mod json_lines;
mod line_ends;
mod open;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
mod text;

pub use self::csv::{CsvConfig, Header, Quoting};
#[cfg(feature = "parquet")]
pub use self::parquet::ParquetConfig;
pub use builder::{ColumnKind, Missing};
pub use chunks::Chunks;
pub use idx::read_idx;
pub use json_lines::JsonLinesConfig;
pub use table::{Column, Table, Values};
pub use text::{TextLines, read_text, text_lines};
