//! Tokenizers: text to ids and back.

mod char;

pub use char::{CharTokenizer, CharTokenizerConfig, UnknownCharacter};
