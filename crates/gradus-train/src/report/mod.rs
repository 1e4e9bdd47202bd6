//! Pages, charts and tables that can be sent to a colleague as one file.
//!
//! A [`Page`] takes headings, texts, [`Table`]s, [`Chart`]s and pictures in reading order and
//! becomes one HTML file that needs no other.

mod axis;
mod chart;
mod draw;
mod page;
mod picture;
mod table;

pub use chart::{Chart, Mark, Scale, Series};
pub use page::Page;
pub use picture::Picture;
pub use table::Table;
