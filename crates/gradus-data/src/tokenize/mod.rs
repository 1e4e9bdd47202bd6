//! Texts as token ids.

mod apply;
mod bert;
mod bpe;
mod byte_level;
mod char;
#[cfg(feature = "tokenizers")]
mod hugging_face;
mod json;
mod lattice;
mod merges;
mod unigram;
mod unigram_fit;
mod wordpiece;

pub use bpe::{BytePair, BytePairConfig};
pub use char::{CharTokenizer, CharTokenizerConfig, UnknownCharacter};
#[cfg(feature = "tokenizers")]
pub use hugging_face::HuggingFace;
pub use unigram::{Unigram, UnigramConfig};
pub use wordpiece::{WordPiece, WordPieceConfig};
