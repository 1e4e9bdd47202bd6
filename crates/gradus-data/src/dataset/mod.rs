//! Data sets: indexed collections of items.

mod cache;
mod concat;
mod indexed;
mod labels;
mod map;
mod series;
mod stack;
mod subset;
mod tensors;
mod windows;
mod zip;

pub use cache::Cache;
pub use concat::Concat;
pub use indexed::Dataset;
pub use labels::check_labels;
pub use map::Map;
pub use series::{SeriesWindows, SeriesWindowsConfig};
pub use stack::Stack;
pub use subset::Subset;
pub use tensors::TensorDataset;
pub use windows::Windows;
pub use zip::Zip;
