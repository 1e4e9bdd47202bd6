//! Data sets: indexed collections of items.

mod indexed;
mod map;
mod stack;
mod subset;
mod tensors;
mod windows;

pub use indexed::Dataset;
pub use map::Map;
pub use stack::Stack;
pub use subset::Subset;
pub use tensors::TensorDataset;
pub use windows::Windows;
