//! The unigram language model, sentencepiece's tokenizer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{Json, file, ids_of, short};
use super::lattice::{Pieces, Whole};
use super::unigram_fit::learn;
use crate::{Error, Result};

/// What stands for a space, at the beginning of a word.
const SPACE: char = '▁';

/// How a [`Unigram`] tokenizer is learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnigramConfig {
    /// Tokens in all, special tokens and characters included.
    pub vocab_size: usize,
    /// What stands for characters that were not seen; `<unk>` by default, with id 0.
    pub unknown: String,
    /// Other tokens that no text gives; their ids follow that of the unknown one.
    pub special: Vec<String>,
}

impl UnigramConfig {
    /// Up to `vocab_size` tokens, with no special token but the unknown one.
    pub fn new(vocab_size: usize) -> Self {
        Self { vocab_size, unknown: "<unk>".to_owned(), special: Vec::new() }
    }

    /// Learns the pieces of a text.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no room for the special tokens and the characters, or
    /// a special token is given twice or is a piece.
    pub fn fit<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<Unigram> {
        let invalid = |name, expected, got| {
            Err(Error::InvalidArgument { op: "Unigram::fit", name, expected, got })
        };
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        for text in texts {
            let marked = mark(text.as_ref());
            cut(&marked).for_each(|word| *words.entry(word.to_owned()).or_default() += 1);
        }
        let n_special = 1 + self.special.len();
        let learned = learn(&words, self.vocab_size.saturating_sub(n_special));
        let special = [&self.unknown].into_iter().chain(&self.special);
        let mut vocab: Vec<(String, f64)> = special.map(|token| (token.clone(), 0.0)).collect();
        vocab.extend(learned);
        if vocab.len() > self.vocab_size {
            let got = format!("{} for {}", self.vocab_size, vocab.len());
            return invalid("vocab_size", "as many as special tokens and characters", got);
        }
        let (tokens, scores): (Vec<String>, Vec<f64>) = vocab.into_iter().unzip();
        if ids_of(&tokens).len() < tokens.len() {
            let got = format!("{:?} and {:?}", self.unknown, self.special);
            return invalid("special", "distinct tokens that are no pieces", got);
        }
        Ok(Unigram::new(tokens, scores, (0..n_special as u32).collect(), 0))
    }
}

/// Tokens from a unigram language model: of all ways to cut a word into known pieces, the most
/// likely one.
///
/// Spaces become `▁`, one is put before the text, and words begin with it. Other white space is
/// like letters. Characters that were not seen are unknown; several in a row are one token.
///
/// # Reference
/// Kudo 2018, "Subword regularization". Encodes as Hugging Face's `Unigram` with `Metaspace` does.
/// Learning follows the paper; seeds are counted word by word instead of found in a suffix array,
/// so that the pieces differ a little from sentencepiece's.
///
/// # Examples
/// ```
/// use gradus_data::{Unigram, UnigramConfig};
/// let text = "the cat and the hat and the bat sat on the mat";
/// let tokenizer = UnigramConfig::new(24).fit([text])?;
/// let ids = tokenizer.encode(text);
/// assert!(ids.len() < text.len());
/// assert_eq!(tokenizer.decode(&ids)?, text);
///
/// let saved: String = tokenizer.to_json(); // a tokenizer.json
/// assert_eq!(Unigram::from_json(&saved)?, tokenizer);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Unigram {
    tokens: Vec<String>,
    scores: Vec<f64>,
    pieces: Pieces,
    special: Vec<u32>,
    unknown: u32,
}

impl Unigram {
    fn new(tokens: Vec<String>, scores: Vec<f64>, special: Vec<u32>, unknown: u32) -> Self {
        let known = tokens
            .iter()
            .enumerate()
            .filter(|&(id, _)| id as u32 != unknown && !special.contains(&(id as u32)));
        let pieces = known.map(|(id, token)| (token.as_str(), id));
        let pieces = Pieces::new(pieces, scores.clone());
        Self { tokens, scores, pieces, special, unknown }
    }

    /// How many tokens there are; ids are below this.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The id of a token, written with `▁` for a space.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.tokens.iter().position(|known| known == token).map(|id| id as u32)
    }

    /// The token of an id and its log-probability.
    pub fn token(&self, id: u32) -> Option<(&str, f64)> {
        let token = self.tokens.get(id as usize)?;
        Some((token, self.scores[id as usize]))
    }

    /// The id that stands for what is unknown.
    pub const fn unknown_id(&self) -> u32 {
        self.unknown
    }

    /// The ids of a text. A special token's name in the text is text like any other.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let marked = mark(text);
        let mut ids = Vec::new();
        for word in cut(&marked) {
            let mut after_unknown = false;
            for step in self.pieces.best(word, Whole::Allowed) {
                match step.place {
                    Some(place) => ids.push(place as u32),
                    None if after_unknown => {}
                    None => ids.push(self.unknown),
                }
                after_unknown = step.place.is_none();
            }
        }
        ids
    }

    /// The text of some ids; special tokens other than the unknown one are left out.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] if an id is beyond the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        let mut text = String::new();
        for &id in ids {
            let vocab_size = self.tokens.len();
            let unknown = Error::UnknownToken { id: i64::from(id), vocab_size };
            let token = self.tokens.get(id as usize).ok_or(unknown)?;
            if id == self.unknown || !self.special.contains(&id) {
                text += token;
            }
        }
        let text = text.replace(SPACE, " ");
        Ok(text.strip_prefix(' ').map(str::to_owned).unwrap_or(text))
    }

    /// The tokenizer as a `tokenizer.json`, which Hugging Face's `tokenizers` reads too.
    pub fn to_json(&self) -> String {
        let special: Vec<_> =
            self.special.iter().map(|&id| (id, self.tokens[id as usize].as_str())).collect();
        let vocab: Vec<Value> =
            self.tokens.iter().zip(&self.scores).map(|(t, s)| json!([t, s])).collect();
        let model = json!({
            "type": "Unigram", "unk_id": self.unknown, "vocab": vocab, "byte_fallback": false,
        });
        let meta = json!({
            "type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": true,
        });
        let parts = [("pre_tokenizer", meta.clone()), ("decoder", meta), ("model", model)];
        let [pre, decoder, model] = parts;
        file(&special, [("normalizer", Value::Null), pre, decoder, model])
    }

    /// The tokenizer of a `tokenizer.json` that holds a unigram model with `Metaspace` and without
    /// normalization.
    ///
    /// # Errors
    /// [`Error::State`] with the field that is absent, or asks for what this tokenizer does not do.
    pub fn from_json(text: &str) -> Result<Self> {
        let json = Json::parse("Unigram::from_json", text)?;
        json.require("/model/type", &json!("Unigram"), "\"Unigram\"")?;
        json.require("/model/byte_fallback", &json!(false), "false")?;
        json.require("/normalizer", &Value::Null, "null")?;
        json.require("/pre_tokenizer/type", &json!("Metaspace"), "\"Metaspace\"")?;
        json.require("/pre_tokenizer/replacement", &json!(SPACE), "\"▁\"")?;
        json.require("/pre_tokenizer/prepend_scheme", &json!("always"), "\"always\"")?;
        json.require("/pre_tokenizer/split", &json!(true), "true")?;
        let pair = |entry: &Value| {
            let pair = entry[0].as_str().zip(entry[1].as_f64().filter(|score| score.is_finite()));
            let expected = "a token and its score";
            pair.map(|(token, score)| (token.to_owned(), score))
                .ok_or_else(|| json.error("/model/vocab", expected, &short(entry)))
        };
        let vocab = json.array("/model/vocab")?.iter().map(pair);
        let (tokens, scores): (Vec<String>, Vec<f64>) =
            vocab.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let ids = ids_of(&tokens);
        if ids.len() < tokens.len() {
            return Err(json.error("/model/vocab", "distinct tokens", "one twice"));
        }
        let expected = "the id of a token";
        let unknown = json.field("/model/unk_id", expected)?;
        let id = unknown.as_u64().filter(|&id| id < tokens.len() as u64);
        let id = id.ok_or_else(|| json.error("/model/unk_id", expected, &short(unknown)))?;
        Ok(Self::new(tokens, scores, json.special(&ids)?, id as u32))
    }
}

/// Writes spaces as `▁`, with one before the text.
fn mark(text: &str) -> String {
    let marked: String = text.chars().map(|c| if c == ' ' { SPACE } else { c }).collect();
    match marked.chars().next() {
        None | Some(SPACE) => marked,
        Some(_) => format!("{SPACE}{marked}"),
    }
}

/// The words of a marked text, each from a `▁` up to the next one.
fn cut(marked: &str) -> impl Iterator<Item = &str> {
    let starts = marked.char_indices().filter(|&(at, c)| at == 0 || c == SPACE).map(|(at, _)| at);
    let ends = starts.clone().skip(1).chain([marked.len()]);
    starts.zip(ends).map(|(start, end)| &marked[start..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn known_characters_come_back(corpus in "[abc \n]{0,60}", text in "[abc]([abc \n]{0,20})?") {
            let tokenizer = UnigramConfig::new(16).fit([format!("{corpus} \nabc")]).unwrap();
            prop_assert!(tokenizer.vocab_size() <= 16);
            let ids = tokenizer.encode(&text);
            prop_assert_eq!(&tokenizer.decode(&ids).unwrap(), &text);
            let loaded = Unigram::from_json(&tokenizer.to_json()).unwrap();
            prop_assert_eq!(loaded, tokenizer);
        }

        #[test]
        fn any_text_is_encoded(text in "\\PC{0,30}") {
            let tokenizer = UnigramConfig::new(40).fit(["some words"]).unwrap();
            let ids = tokenizer.encode(&text);
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
        }
    }

    #[test]
    fn unknown_runs_are_one_token_and_special_tokens_are_no_text() {
        let special = vec!["<s>".to_owned()];
        let config = UnigramConfig { special, ..UnigramConfig::new(30) };
        let tokenizer = config.fit(["ab ab <s>"]).unwrap();
        let space = tokenizer.id("▁").unwrap();
        assert_eq!(tokenizer.encode("xyz"), [space, 0]);
        assert!(!tokenizer.encode("<s>").contains(&1));
        assert_eq!(tokenizer.decode(&[1, space, 0]).unwrap(), "<unk>");
        assert!(tokenizer.decode(&[999]).is_err() && tokenizer.encode("").is_empty());
        assert_eq!(tokenizer.token(0), Some(("<unk>", 0.0)));
        assert!(UnigramConfig::new(3).fit(["abcdef"]).is_err());
        assert!(UnigramConfig::new(1).fit([""]).unwrap().encode("a") == [0]);
        let special = vec!["<unk>".to_owned()];
        assert!(UnigramConfig { special, ..UnigramConfig::new(30) }.fit(["a"]).is_err());
    }

    #[test]
    fn other_files_are_refused_by_field() {
        let good = UnigramConfig::new(20).fit(["ab"]).unwrap().to_json();
        let message = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            Unigram::from_json(&good.replace(from, to)).unwrap_err().to_string()
        };
        assert!(message("\"unk_id\":0", "\"unk_id\":99").contains("unk_id"));
        assert!(message("[\"<unk>\",0.0]", "[\"<unk>\"]").contains("/model/vocab"));
        assert!(message("\"always\"", "\"never\"").contains("prepend_scheme"));
    }
}
