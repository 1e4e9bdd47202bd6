//! One token per character.

use std::collections::BTreeSet;

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// What becomes of a character that was not seen in fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCharacter {
    /// It is an error.
    #[default]
    Error,
    /// It is read as this character, which belongs to the vocabulary.
    Replace(char),
}

/// How a [`CharTokenizer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CharTokenizerConfig {
    /// What becomes of a character that was not seen in fit.
    pub unknown: UnknownCharacter,
}

impl CharTokenizerConfig {
    /// Collects the distinct characters of a text, in the order of their code points; a
    /// replacement character is added if the text lacks it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the vocabulary would be empty.
    pub fn fit(&self, text: &str) -> Result<CharTokenizer> {
        let mut distinct: BTreeSet<char> = text.chars().collect();
        if let UnknownCharacter::Replace(character) = self.unknown {
            distinct.insert(character);
        }
        self.with_vocab(&distinct.into_iter().collect::<String>())
    }

    /// The tokenizer of a saved vocabulary, see [`CharTokenizer::vocab`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the vocabulary is empty, not in rising order of code points,
    /// or lacks the replacement character.
    pub fn with_vocab(&self, vocab: &str) -> Result<CharTokenizer> {
        let vocab: Vec<char> = vocab.chars().collect();
        let invalid = |expected, got: String| {
            let (op, name) = ("CharTokenizer", "vocab");
            Error::InvalidArgument { op, name, expected, got }
        };
        if vocab.is_empty() {
            return Err(invalid("one character or more", "none".to_owned()));
        }
        if let Some(pair) = vocab.windows(2).find(|pair| pair[0] >= pair[1]) {
            let got = format!("{:?} before {:?}", pair[0], pair[1]);
            return Err(invalid("in rising order of code points", got));
        }
        let unknown = match self.unknown {
            UnknownCharacter::Error => None,
            UnknownCharacter::Replace(c) => Some(vocab.binary_search(&c).map_err(|_| {
                invalid("a vocabulary with the replacement character", format!("none with {c:?}"))
            })? as u32),
        };
        Ok(CharTokenizer { vocab, unknown })
    }
}

/// Turns each character into the id of its place in a sorted vocabulary.
///
/// A character is a Unicode scalar value: a Chinese character is one token, an accent written as a
/// combining mark is a token of its own.
///
/// # Examples
/// ```
/// use gradus_data::{CharTokenizer, CharTokenizerConfig};
/// let tokenizer = CharTokenizer::fit("hello world")?;
/// assert_eq!(tokenizer.vocab(), " dehlorw");
/// let ids = tokenizer.encode("hold")?;
/// assert_eq!(ids, [3, 5, 4, 1]);
/// assert_eq!(tokenizer.decode(&ids)?, "hold");
/// assert!(tokenizer.encode("cold").is_err());
///
/// // The vocabulary is all there is to save.
/// let saved: String = tokenizer.vocab();
/// assert_eq!(CharTokenizerConfig::default().with_vocab(&saved)?, tokenizer);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharTokenizer {
    vocab: Vec<char>,
    unknown: Option<u32>,
}

impl CharTokenizer {
    /// Collects the distinct characters of a text; unknown characters will be errors.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the text is empty.
    pub fn fit(text: &str) -> Result<Self> {
        CharTokenizerConfig::default().fit(text)
    }

    /// How many tokens there are; ids are below this.
    pub fn vocab_size(&self) -> usize {
        self.vocab.len()
    }

    /// The characters in the order of their ids, to be saved.
    pub fn vocab(&self) -> String {
        self.vocab.iter().collect()
    }

    /// The id that stands for unknown characters, if there is one.
    pub const fn unknown_id(&self) -> Option<u32> {
        self.unknown
    }

    /// The id of a character, if it is in the vocabulary.
    pub fn id(&self, character: char) -> Option<u32> {
        self.vocab.binary_search(&character).ok().map(|id| id as u32)
    }

    /// The ids of a text.
    ///
    /// # Errors
    /// [`Error::UnknownCharacter`] unless there is a replacement.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let id = |(position, character)| {
            let unknown = Error::UnknownCharacter { character, position };
            self.id(character).or(self.unknown).ok_or(unknown)
        };
        text.chars().enumerate().map(id).collect()
    }

    /// The ids of a text as a tensor.
    ///
    /// # Shapes
    /// - → `[T]`, i64
    ///
    /// # Errors
    /// [`Error::UnknownCharacter`] unless there is a replacement.
    pub fn encode_tensor(&self, text: &str) -> Result<Tensor> {
        Ok(Tensor::from(self.encode(text)?.into_iter().map(i64::from).collect::<Vec<_>>()))
    }

    /// The text of some ids.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] if an id is beyond the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        ids.iter().map(|&id| self.character(i64::from(id))).collect()
    }

    /// The text of an i64 tensor's ids, in row-major order.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] if an id is beyond the vocabulary; if the tensor is not i64.
    pub fn decode_tensor(&self, ids: &Tensor) -> Result<String> {
        ids.to_vec::<i64>()?.into_iter().map(|id| self.character(id)).collect()
    }

    fn character(&self, id: i64) -> Result<char> {
        let character = usize::try_from(id).ok().and_then(|id| self.vocab.get(id));
        character.copied().ok_or(Error::UnknownToken { id, vocab_size: self.vocab.len() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn decoding_undoes_encoding(text in "\\PC{1,60}", other in "\\PC{0,20}") {
            let tokenizer = CharTokenizer::fit(&text).unwrap();
            let ids = tokenizer.encode(&text).unwrap();
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
            prop_assert_eq!(&tokenizer.decode(&ids).unwrap(), &text);
            let tensor = tokenizer.encode_tensor(&text).unwrap();
            prop_assert_eq!(tokenizer.decode_tensor(&tensor).unwrap(), text.clone());
            let config = CharTokenizerConfig { unknown: UnknownCharacter::Replace('?') };
            let lenient = config.fit(&text).unwrap();
            let decoded = lenient.decode(&lenient.encode(&other).unwrap()).unwrap();
            let known = |c| if text.contains(c) { c } else { '?' };
            prop_assert_eq!(decoded, other.chars().map(known).collect::<String>());
            prop_assert_eq!(config.with_vocab(&lenient.vocab()).unwrap(), lenient);
        }
    }

    #[test]
    fn what_is_unknown_is_named() {
        let tokenizer = CharTokenizer::fit("床前明月光").unwrap();
        assert_eq!(
            tokenizer.encode("明日").unwrap_err().to_string(),
            "character '日' at position 1 is not in the vocabulary"
        );
        assert_eq!(
            tokenizer.decode(&[5]).unwrap_err().to_string(),
            "token id 5 is out of range for a vocabulary of 5"
        );
        assert!(tokenizer.decode_tensor(&Tensor::from([-1i64])).is_err());
        assert!(CharTokenizer::fit("").is_err());
        let config = CharTokenizerConfig { unknown: UnknownCharacter::Replace('□') };
        for bad in ["ba", "aa", "ab"] {
            assert!(config.with_vocab(bad).is_err());
        }
    }
}
