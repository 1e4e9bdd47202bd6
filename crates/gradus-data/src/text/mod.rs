//! Texts as vectors: counts of words, and their weights.

mod count;
mod terms;
mod tfidf;

pub use count::{CountVectorizer, CountVectorizerConfig};
pub use terms::{Analyzer, Case};
pub use tfidf::{TermNorm, TfIdf, TfIdfConfig};
