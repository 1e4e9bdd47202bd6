//! Hugging Face's own tokenizers.

use std::path::Path;

use tokenizers::Tokenizer;

use crate::{Error, Result};

/// Any tokenizer of Hugging Face, from its `tokenizer.json`, through their crate `tokenizers`.
///
/// [`BytePair`](crate::BytePair), [`WordPiece`](crate::WordPiece) and [`Unigram`](crate::Unigram)
/// read the common files without it, and learn; this one reads them all, with every normalizer,
/// splitter and template. Behind the feature `tokenizers`.
///
/// # Examples
/// ```no_run
/// use gradus_data::HuggingFace;
/// let tokenizer = HuggingFace::read("tokenizer.json")?;
/// let ids = tokenizer.encode("A function is looked for.")?;
/// assert_eq!(tokenizer.decode(&ids)?, "A function is looked for.");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HuggingFace {
    tokenizer: Tokenizer,
}

const OP: &str = "HuggingFace";

impl HuggingFace {
    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::State`] if it holds no tokenizer.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_json(&crate::read_text(path)?)
    }

    /// Takes the text of a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::State`] if it is no tokenizer.
    pub fn from_json(text: &str) -> Result<Self> {
        let tokenizer = text.parse().map_err(|error: tokenizers::Error| {
            let (name, expected) = ("tokenizer.json".to_owned(), "a tokenizer of Hugging Face");
            Error::State { op: OP, name, expected, got: error.to_string() }
        })?;
        Ok(Self { tokenizer })
    }

    /// The ids of a text, with those that the file's template puts around it, as `[CLS]`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the tokenizer has no id for a part of the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        self.ids(text, true)
    }

    /// The ids of a text and nothing around them.
    ///
    /// # Errors
    /// As [`HuggingFace::encode`].
    pub fn encode_plain(&self, text: &str) -> Result<Vec<u32>> {
        self.ids(text, false)
    }

    /// The text of ids, without special tokens.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if an id is unknown.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        if let Some(id) = ids.iter().find(|&&id| self.tokenizer.id_to_token(id).is_none()) {
            let (name, expected) = ("ids", "in the vocabulary");
            return Err(Error::InvalidArgument { op: OP, name, expected, got: id.to_string() });
        }
        self.tokenizer.decode(ids, true).map_err(|error| refused("ids", error))
    }

    /// How many tokens there are, added ones included.
    pub fn vocab_size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The id of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }

    fn ids(&self, text: &str, special: bool) -> Result<Vec<u32>> {
        let encoding = self.tokenizer.encode(text, special);
        Ok(encoding.map_err(|error| refused("text", error))?.get_ids().to_vec())
    }
}

fn refused(name: &'static str, error: tokenizers::Error) -> Error {
    let expected = "what the tokenizer takes";
    Error::InvalidArgument { op: OP, name, expected, got: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BytePairConfig, UnigramConfig, WordPieceConfig};

    const TEXT: &str = "a machine looks for a function, and the function is looked for 機器學習";

    #[test]
    fn their_crate_reads_our_files_with_our_ids() {
        let bytes = BytePairConfig::new(300).fit([TEXT]).unwrap();
        let theirs = HuggingFace::from_json(&bytes.to_json()).unwrap();
        assert_eq!(theirs.encode(TEXT).unwrap(), bytes.encode(TEXT));
        assert_eq!(theirs.decode(&bytes.encode(TEXT)).unwrap(), TEXT);
        assert_eq!(theirs.vocab_size(), bytes.vocab_size());
        let pieces = WordPieceConfig::new(60).fit([TEXT]).unwrap();
        let theirs = HuggingFace::from_json(&pieces.to_json()).unwrap();
        assert_eq!(theirs.encode_plain(TEXT).unwrap(), pieces.encode(TEXT));
        let unigram = UnigramConfig::new(60).fit([TEXT]).unwrap();
        let theirs = HuggingFace::from_json(&unigram.to_json()).unwrap();
        assert_eq!(theirs.encode(TEXT).unwrap(), unigram.encode(TEXT));
        assert_eq!(theirs.id("zzz"), None);
    }

    #[test]
    fn a_template_is_put_around_the_text() {
        let mut file: serde_json::Value =
            serde_json::from_str(&WordPieceConfig::new(60).fit([TEXT]).unwrap().to_json()).unwrap();
        let id = HuggingFace::from_json(&file.to_string()).unwrap().id("a").unwrap();
        file["post_processor"] = serde_json::json!({
            "type": "BertProcessing", "sep": ["a", id], "cls": ["a", id],
        });
        let tokenizer = HuggingFace::from_json(&file.to_string()).unwrap();
        let plain = tokenizer.encode_plain("function").unwrap();
        assert_eq!(
            tokenizer.encode("function").unwrap(),
            [&[id], plain.as_slice(), &[id]].concat()
        );
    }

    #[test]
    fn faults_are_errors() {
        for text in ["", "{}", "[1]", r#"{"model": {"type": "BPE"}}"#] {
            assert!(HuggingFace::from_json(text).is_err(), "{text}");
        }
        assert!(HuggingFace::read("no such file").is_err());
        let bytes = BytePairConfig::new(300).fit([TEXT]).unwrap();
        assert!(HuggingFace::from_json(&bytes.to_json()).unwrap().decode(&[1 << 20]).is_err());
    }
}
