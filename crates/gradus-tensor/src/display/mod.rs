//! How tensors print: laid out as NumPy's arrays, with Rust's `true` and `false`.

mod cells;
mod layout;
