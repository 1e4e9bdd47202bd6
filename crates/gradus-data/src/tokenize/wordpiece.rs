//! BERT's tokenizer: the longest pieces of a word from the left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::bert::{normalize, words};
use super::json::{Json, file, ids_of, vocab_of};
use super::merges::{Symbols, Until, learn};
use crate::{Case, Error, Result};

/// The mark of a token that goes on with a word.
const CONTINUES: &str = "##";

/// Longer words are unknown as a whole, as in BERT.
const MAX_CHARACTERS: usize = 100;

/// How a [`WordPiece`] tokenizer is learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordPieceConfig {
    /// Tokens in all, special tokens and characters included.
    pub vocab_size: usize,
    /// Pairs that occur less often are not merged; 1 by default.
    pub min_frequency: u64,
    /// Whether letters are made small and accents left out; they are by default.
    pub case: Case,
    /// What stands for a word that has no tokens; `[UNK]` by default.
    pub unknown: String,
    /// Other tokens that no text gives; `[PAD]`, `[CLS]`, `[SEP]` and `[MASK]` by default. The
    /// unknown token has the first id, these follow.
    pub special: Vec<String>,
}

impl WordPieceConfig {
    /// Up to `vocab_size` tokens, with BERT's special tokens.
    pub fn new(vocab_size: usize) -> Self {
        Self {
            vocab_size,
            min_frequency: 1,
            case: Case::Lower,
            unknown: "[UNK]".to_owned(),
            special: ["[PAD]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).into(),
        }
    }

    /// Learns the tokens of a text: its characters, and the merges of the most frequent pairs.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no room for the special tokens and the characters, or
    /// a special token is given twice.
    pub fn fit<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<WordPiece> {
        let invalid = |name, expected, got| {
            Err(Error::InvalidArgument { op: "WordPiece::fit", name, expected, got })
        };
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for text in texts {
            for word in words(&normalize(text.as_ref(), self.case)) {
                *counts.entry(word.to_owned()).or_default() += 1;
            }
        }
        let mut symbols = Symbols::default();
        let n_special = 1 + self.special.len();
        symbols.add(&self.unknown);
        symbols.add_all(self.special.iter().cloned());
        if symbols.names.len() < n_special {
            let got = format!("{:?} and {:?}", self.unknown, self.special);
            return invalid("special", "distinct tokens", got);
        }
        // Characters first, then those within words, each in the order of code points.
        let all: BTreeSet<char> = counts.keys().flat_map(|word| word.chars()).collect();
        let within: BTreeSet<char> = counts.keys().flat_map(|word| word.chars().skip(1)).collect();
        symbols.add_all(all.into_iter().map(String::from));
        symbols.add_all(within.into_iter().map(|c| format!("{CONTINUES}{c}")));
        if symbols.names.len() > self.vocab_size {
            let got = format!("{} for {}", self.vocab_size, symbols.names.len());
            return invalid("vocab_size", "as many as special tokens and characters", got);
        }
        let to_symbols = |word: &str| {
            let name = |(at, c): (usize, char)| {
                if at == 0 { c.to_string() } else { format!("{CONTINUES}{c}") }
            };
            word.char_indices().map(|c| symbols.ids[&name(c)]).collect()
        };
        let counted = counts.iter().map(|(word, &count)| (to_symbols(word), count)).collect();
        let until = Until { vocab_size: self.vocab_size, min_frequency: self.min_frequency };
        let join = |a: &str, b: &str| format!("{a}{}", b.strip_prefix(CONTINUES).unwrap_or(b));
        learn(counted, &mut symbols, until, join);
        let special = (0..n_special as u32).collect();
        Ok(WordPiece::new(symbols.names, special, 0, self.case))
    }
}

/// Tokens that are words or pieces of words, a piece within a word with `##` before it.
///
/// A text is normalized and cut into words and punctuation as BERT does; a word is cut into the
/// longest tokens from the left. A word that cannot be cut is one unknown token.
///
/// # Reference
/// Devlin et al. 2019, "BERT". Encodes as Hugging Face's `WordPiece` with BERT's normalizer does;
/// pairs are merged by frequency as there, with ties broken by code points instead of at random.
///
/// # Examples
/// ```
/// use gradus_data::{WordPiece, WordPieceConfig};
/// let tokenizer = WordPieceConfig::new(60).fit(["low lower lowest new newer newest wide wider"])?;
/// let ids = tokenizer.encode("Newest, lowest!");
/// assert_eq!(tokenizer.decode(&ids)?, "newest [UNK] lowest [UNK]");
///
/// let saved: String = tokenizer.to_json(); // a tokenizer.json
/// assert_eq!(WordPiece::from_json(&saved)?, tokenizer);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordPiece {
    tokens: Vec<String>,
    ids: HashMap<String, u32>,
    special: Vec<u32>,
    unknown: u32,
    case: Case,
    /// Bytes of the longest token: no longer piece need be looked up.
    longest: usize,
}

impl WordPiece {
    fn new(tokens: Vec<String>, special: Vec<u32>, unknown: u32, case: Case) -> Self {
        let longest = tokens.iter().map(String::len).max().unwrap_or(0);
        Self { ids: ids_of(&tokens), tokens, special, unknown, case, longest }
    }

    /// How many tokens there are; ids are below this.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The id of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The id that stands for what is unknown.
    pub const fn unknown_id(&self) -> u32 {
        self.unknown
    }

    /// The ids of a text. A special token's name in the text is text like any other.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let text = normalize(text, self.case);
        let mut ids = Vec::new();
        for word in words(&text) {
            let before = ids.len();
            if self.encode_word(word, &mut ids).is_none() {
                ids.truncate(before);
                ids.push(self.unknown);
            }
        }
        ids
    }

    /// Cuts a word into the longest tokens from the left; None if a rest has no token.
    fn encode_word(&self, word: &str, ids: &mut Vec<u32>) -> Option<()> {
        if word.chars().nth(MAX_CHARACTERS).is_some() {
            return None;
        }
        let mut rest = word;
        while !rest.is_empty() {
            let mark = if rest.len() == word.len() { "" } else { CONTINUES };
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
            let ends: Vec<usize> =
                ends.take_while(|end| end + mark.len() <= self.longest).collect();
            let piece = |&end: &usize| Some((self.id(&format!("{mark}{}", &rest[..end]))?, end));
            let (id, end) = ends.iter().rev().find_map(piece)?;
            ids.push(id);
            rest = &rest[end..];
        }
        Some(())
    }

    /// The words of some ids, with a space between them; special tokens other than the unknown one
    /// are left out.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] if an id is beyond the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        let mut text = String::new();
        for &id in ids {
            let vocab_size = self.tokens.len();
            let unknown = Error::UnknownToken { id: i64::from(id), vocab_size };
            let token = self.tokens.get(id as usize).ok_or(unknown)?;
            if id != self.unknown && self.special.contains(&id) {
                continue;
            }
            match token.strip_prefix(CONTINUES) {
                Some(rest) if !text.is_empty() => text += rest,
                _ if text.is_empty() => text += token,
                _ => text.extend([" ", token]),
            }
        }
        Ok(text)
    }

    /// The tokenizer as a `tokenizer.json`, which Hugging Face's `tokenizers` reads too.
    pub fn to_json(&self) -> String {
        let name = |id: u32| self.tokens[id as usize].as_str();
        let special: Vec<_> = self.special.iter().map(|&id| (id, name(id))).collect();
        let normalizer = json!({
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": self.case == Case::Lower,
        });
        let model = json!({
            "type": "WordPiece", "unk_token": name(self.unknown), "vocab": vocab_of(&self.tokens),
            "continuing_subword_prefix": CONTINUES, "max_input_chars_per_word": MAX_CHARACTERS,
        });
        let pre = json!({"type": "BertPreTokenizer"});
        let decoder = json!({"type": "WordPiece", "prefix": CONTINUES, "cleanup": false});
        let parts = [
            ("normalizer", normalizer),
            ("pre_tokenizer", pre),
            ("decoder", decoder),
            ("model", model),
        ];
        file(&special, parts)
    }

    /// The tokenizer of a `tokenizer.json` that holds a `WordPiece` model with BERT's normalizer and
    /// words. What it says of pairs of texts (`post_processor`) is left out.
    ///
    /// # Errors
    /// [`Error::State`] with the field that is absent, or asks for what this tokenizer does not do.
    pub fn from_json(text: &str) -> Result<Self> {
        let json = Json::parse("WordPiece::from_json", text)?;
        json.require("/model/type", &json!("WordPiece"), "\"WordPiece\"")?;
        json.require("/model/continuing_subword_prefix", &json!(CONTINUES), "\"##\"")?;
        json.require("/model/max_input_chars_per_word", &json!(MAX_CHARACTERS), "100")?;
        json.require("/pre_tokenizer/type", &json!("BertPreTokenizer"), "\"BertPreTokenizer\"")?;
        json.require("/normalizer/type", &json!("BertNormalizer"), "\"BertNormalizer\"")?;
        for part in ["clean_text", "handle_chinese_chars"] {
            json.require(&format!("/normalizer/{part}"), &json!(true), "true")?;
        }
        let lowercase = json.field("/normalizer/lowercase", "true or false")?;
        let case = if *lowercase == json!(true) { Case::Lower } else { Case::Keep };
        json.require("/normalizer/strip_accents", &json!(null), "null, that is as lowercase")
            .or_else(|error| {
                json.require("/normalizer/strip_accents", lowercase, "").map_err(|_| error)
            })?;
        let tokens = json.vocab()?;
        let ids = ids_of(&tokens);
        let unknown = ids.get(json.text("/model/unk_token")?).copied();
        let unknown = unknown.ok_or_else(|| {
            json.error("/model/unk_token", "a token of the vocabulary", "another")
        })?;
        Ok(Self::new(tokens, json.special(&ids)?, unknown, case))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn words_of_known_characters_come_back(corpus in "[abc]{1,30}", text in "[abc]{1,9}( [abc]{1,9}){0,3}") {
            // Each character begins a word and goes on with one.
            let corpus = format!("{corpus} aabbcc baca cb");
            let tokenizer = WordPieceConfig::new(40).fit([&corpus]).unwrap();
            let ids = tokenizer.encode(&text);
            prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text);
            let loaded = WordPiece::from_json(&tokenizer.to_json()).unwrap();
            prop_assert_eq!(loaded, tokenizer);
        }

        #[test]
        fn any_text_is_encoded(text in "\\PC{0,30}") {
            let tokenizer = WordPieceConfig::new(40).fit(["some words"]).unwrap();
            let ids = tokenizer.encode(&text);
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
        }
    }

    #[test]
    fn a_word_without_tokens_is_unknown_as_a_whole() {
        let tokenizer = WordPieceConfig::new(40).fit(["ab ab ba"]).unwrap();
        assert_eq!(tokenizer.encode("abx"), [tokenizer.unknown_id()]);
        assert_eq!(tokenizer.encode(&"a".repeat(101)), [0]);
        assert_ne!(tokenizer.encode(&"ab".repeat(50)), [0]);
        assert_eq!(tokenizer.encode("ÁB").len(), 1);
        let pad = tokenizer.id("[PAD]").unwrap();
        assert_eq!(tokenizer.decode(&[pad, 0]).unwrap(), "[UNK]");
        assert!(tokenizer.decode(&[999]).is_err());
        assert!(tokenizer.encode("").is_empty());
        assert!(WordPieceConfig::new(8).fit(["abcdef"]).is_err());
        let special = vec!["[UNK]".to_owned()];
        assert!(WordPieceConfig { special, ..WordPieceConfig::new(50) }.fit(["a"]).is_err());
    }

    #[test]
    fn other_files_are_refused_by_field() {
        let good = WordPieceConfig::new(40).fit(["ab"]).unwrap().to_json();
        let message = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            WordPiece::from_json(&good.replace(from, to)).unwrap_err().to_string()
        };
        assert!(message("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"?\"").contains("unk_token"));
        assert!(message("\"clean_text\":true", "\"clean_text\":false").contains("clean_text"));
        assert!(
            message("\"strip_accents\":null", "\"strip_accents\":false").contains("strip_accents")
        );
        assert!(message("\"special\":true", "\"special\":1").contains("added_tokens"));
    }
}
