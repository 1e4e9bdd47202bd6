//! Byte-pair encoding on bytes.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::apply::{Ranks, merge_word};
use super::byte_level::{alphabet, byte_of, char_of, words};
use super::json::{Json, file, ids_of, short, vocab_of};
use super::merges::{Pair, Symbols, Until, learn};
use crate::{Error, Result};

/// How a [`BytePair`] tokenizer is learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytePairConfig {
    /// Tokens in all, special tokens and the 256 bytes included.
    pub vocab_size: usize,
    /// Pairs that occur less often are not merged; 1 by default.
    pub min_frequency: u64,
    /// Tokens that no text gives, such as `<|end|>`; they have the first ids.
    pub special: Vec<String>,
}

impl BytePairConfig {
    /// Up to `vocab_size` tokens, none of them special.
    pub const fn new(vocab_size: usize) -> Self {
        Self { vocab_size, min_frequency: 1, special: Vec::new() }
    }

    /// Learns the merges of a text. Fewer tokens come out if nothing is left to merge.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no room for the special tokens and the bytes, or a
    /// special token is given twice or is a byte's.
    pub fn fit<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<BytePair> {
        let invalid = |name, expected, got| {
            Err(Error::InvalidArgument { op: "BytePair::fit", name, expected, got })
        };
        let mut symbols = Symbols::default();
        symbols.add_all(self.special.iter().cloned());
        symbols.add_all(alphabet().into_iter().map(String::from));
        let least = self.special.len() + 256;
        if symbols.names.len() < least {
            let got = format!("{:?}", self.special);
            return invalid("special", "distinct tokens of two characters or more", got);
        }
        if self.vocab_size < least {
            let got = self.vocab_size.to_string();
            return invalid("vocab_size", "at least 256 and the special tokens", got);
        }
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for text in texts {
            for word in words(text.as_ref()) {
                match counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(word.to_owned(), 1)),
                }
            }
        }
        let byte_ids = alphabet_ids(&symbols.ids);
        let to_symbols = |word: &str| word.bytes().map(|b| byte_ids[usize::from(b)]).collect();
        let counted = counts.iter().map(|(word, &count)| (to_symbols(word), count)).collect();
        let until = Until { vocab_size: self.vocab_size, min_frequency: self.min_frequency };
        let merges = learn(counted, &mut symbols, until, |a, b| format!("{a}{b}"));
        let special = (0..self.special.len() as u32).collect();
        Ok(BytePair::learned(symbols.names, merges, special))
    }
}

/// Tokens that are frequent runs of bytes: GPT-2's tokenizer.
///
/// A text is cut into words (letters, digits, other signs, each with the space before it), the bytes
/// of a word are the first symbols, and the learned merges are applied in the order in which they
/// were learned. Any text can be encoded, and comes back exactly; there is no unknown token.
///
/// # Reference
/// Sennrich et al. 2016, "Neural machine translation of rare words with subword units"; byte level as
/// in Radford et al. 2019. Learns and encodes as Hugging Face's `ByteLevel` BPE does.
///
/// # Examples
/// ```
/// use gradus_data::{BytePair, BytePairConfig};
/// let text = "the cat and the hat and the bat";
/// let tokenizer = BytePairConfig::new(260).fit([text])?;
/// let ids = tokenizer.encode(text);
/// assert!(ids.len() < text.len());
/// assert_eq!(tokenizer.decode(&ids)?, text);
/// assert_eq!(tokenizer.decode(&tokenizer.encode("né 床"))?, "né 床");
///
/// let saved: String = tokenizer.to_json(); // a tokenizer.json
/// assert_eq!(BytePair::from_json(&saved)?, tokenizer);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytePair {
    tokens: Vec<String>,
    ids: HashMap<String, u32>,
    merges: Vec<Pair>,
    ranks: Ranks,
    special: Vec<u32>,
    byte_ids: [u32; 256],
}

impl BytePair {
    fn learned(tokens: Vec<String>, merges: Vec<Pair>, special: Vec<u32>) -> Self {
        Self::new(tokens, merges, special).expect("all bytes and all merges were learned")
    }

    /// None if a byte or the result of a merge has no token.
    fn new(tokens: Vec<String>, merges: Vec<Pair>, special: Vec<u32>) -> Option<Self> {
        let ids = ids_of(&tokens);
        let byte_ids = byte_ids(&ids)?;
        let mut ranks = Ranks::new();
        for (rank, &(a, b)) in merges.iter().enumerate() {
            let name = format!("{}{}", tokens[a as usize], tokens[b as usize]);
            ranks.insert((a, b), (rank as u32, *ids.get(&name)?));
        }
        Some(Self { tokens, ids, merges, ranks, special, byte_ids })
    }

    /// How many tokens there are; ids are below this.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The id of a token as the vocabulary writes it: special tokens as they are, other bytes as
    /// GPT-2 writes them (`Ġ` for a space).
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The ids of a text. A special token's name in the text is text like any other.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut known: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut ids = Vec::new();
        for word in words(text) {
            let merged = known.entry(word).or_insert_with(|| {
                let bytes = word.bytes().map(|byte| self.byte_ids[usize::from(byte)]);
                merge_word(bytes.collect(), &self.ranks)
            });
            ids.extend_from_slice(merged);
        }
        ids
    }

    /// The text of some ids, without special tokens. Bytes that are not UTF-8, as from ids cut in
    /// the midst of a character, become U+FFFD.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] if an id is beyond the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        let mut bytes = Vec::new();
        for &id in ids {
            let vocab_size = self.tokens.len();
            let unknown = Error::UnknownToken { id: i64::from(id), vocab_size };
            let token = self.tokens.get(id as usize).ok_or(unknown)?;
            if !self.special.contains(&id) {
                bytes.extend(token.chars().filter_map(byte_of));
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The tokenizer as a `tokenizer.json`, which Hugging Face's `tokenizers` reads too.
    pub fn to_json(&self) -> String {
        let name = |id: u32| self.tokens[id as usize].as_str();
        let special: Vec<_> = self.special.iter().map(|&id| (id, name(id))).collect();
        let merges: Vec<_> = self.merges.iter().map(|&(a, b)| [name(a), name(b)]).collect();
        let model = json!({
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": false, "vocab": vocab_of(&self.tokens), "merges": merges,
        });
        let level = json!({
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        });
        let parts = [("pre_tokenizer", level.clone()), ("decoder", level), ("model", model)];
        let [pre, decoder, model] = parts;
        file(&special, [("normalizer", Value::Null), pre, decoder, model])
    }

    /// The tokenizer of a `tokenizer.json` that holds a byte-level BPE without normalization, such as
    /// GPT-2's.
    ///
    /// # Errors
    /// [`Error::State`] with the field that is absent, or asks for what this tokenizer does not do.
    pub fn from_json(text: &str) -> Result<Self> {
        let json = Json::parse("BytePair::from_json", text)?;
        json.require("/model/type", &json!("BPE"), "\"BPE\"")?;
        json.require("/normalizer", &Value::Null, "null")?;
        json.require("/pre_tokenizer/type", &json!("ByteLevel"), "\"ByteLevel\"")?;
        json.require("/pre_tokenizer/add_prefix_space", &json!(false), "false")?;
        for part in ["dropout", "unk_token"] {
            json.require(&format!("/model/{part}"), &Value::Null, "null")?;
        }
        for part in ["continuing_subword_prefix", "end_of_word_suffix"] {
            let pointer = format!("/model/{part}");
            // Older files write "" for none.
            json.require(&pointer, &Value::Null, "null")
                .or_else(|error| json.require(&pointer, &json!(""), "null").map_err(|_| error))?;
        }
        let tokens = json.vocab()?;
        let ids = ids_of(&tokens);
        let merge = |merge: &Value| {
            let pair = match merge {
                Value::String(pair) => pair.split_once(' '),
                _ => merge[0].as_str().zip(merge[1].as_str()),
            };
            let ids = pair.and_then(|(a, b)| Some((*ids.get(a)?, *ids.get(b)?)));
            ids.ok_or_else(|| {
                json.error("/model/merges", "pairs of tokens of the vocabulary", &short(merge))
            })
        };
        let merges: Vec<Pair> =
            json.array("/model/merges")?.iter().map(merge).collect::<Result<_>>()?;
        if merges.iter().collect::<HashSet<_>>().len() < merges.len() {
            return Err(json.error("/model/merges", "distinct pairs", "one twice"));
        }
        let special = json.special(&ids)?;
        let incomplete =
            || json.error("/model/vocab", "all bytes and the results of all merges", "others");
        Self::new(tokens, merges, special).ok_or_else(incomplete)
    }
}

fn alphabet_ids(ids: &HashMap<String, u32>) -> [u32; 256] {
    byte_ids(ids).expect("the alphabet was added")
}

/// The token of each byte.
fn byte_ids(ids: &HashMap<String, u32>) -> Option<[u32; 256]> {
    let mut of = [0; 256];
    for byte in 0..=255 {
        of[usize::from(byte)] = *ids.get(char_of(byte).encode_utf8(&mut [0; 4]) as &str)?;
    }
    Some(of)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_text_comes_back(corpus in "[ab é]{0,60}", text in "[ab é]{0,20}|\\PC{0,20}") {
            let special = vec!["<|end|>".to_owned()];
            let config = BytePairConfig { special, ..BytePairConfig::new(270) };
            let tokenizer = config.fit([&corpus]).unwrap();
            let ids = tokenizer.encode(&text);
            prop_assert!(!ids.contains(&0));
            prop_assert_eq!(&tokenizer.decode(&ids).unwrap(), &text);
            let loaded = BytePair::from_json(&tokenizer.to_json()).unwrap();
            prop_assert_eq!(loaded.encode(&text), ids);
            prop_assert_eq!(loaded, tokenizer);
        }
    }

    #[test]
    fn special_tokens_are_ids_but_not_text() {
        let special = vec!["<|end|>".to_owned()];
        let tokenizer =
            BytePairConfig { special, ..BytePairConfig::new(300) }.fit(["abab"]).unwrap();
        assert_eq!(tokenizer.id("<|end|>"), Some(0));
        let mut ids = tokenizer.encode("ab<|end|>");
        ids.push(0);
        assert_eq!(tokenizer.decode(&ids).unwrap(), "ab<|end|>");
        assert_eq!(tokenizer.decode(&tokenizer.encode("é")[..1]).unwrap(), "\u{fffd}");
        let error = tokenizer.decode(&[999]).unwrap_err().to_string();
        assert!(error.contains("token id 999"), "{error}");
    }

    #[test]
    fn impossible_configurations_are_refused() {
        let fit = |config: BytePairConfig| config.fit(["text"]);
        assert!(fit(BytePairConfig::new(255)).is_err());
        let special = |tokens: &[&str]| tokens.iter().map(ToString::to_string).collect();
        for bad in [&["<a>", "<a>"][..], &["a"]] {
            assert!(
                fit(BytePairConfig { special: special(bad), ..BytePairConfig::new(300) }).is_err()
            );
        }
        assert_eq!(BytePairConfig::new(256).fit([""; 0]).unwrap().encode("ab").len(), 2);
    }

    #[test]
    fn what_is_no_byte_level_bpe_is_refused_by_field() {
        let good = BytePairConfig::new(257).fit(["abab"]).unwrap().to_json();
        let message = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            BytePair::from_json(&good.replace(from, to)).unwrap_err().to_string()
        };
        assert!(message("\"BPE\"", "\"Unigram\"").contains("/model/type"));
        assert!(
            message("\"add_prefix_space\":false", "\"add_prefix_space\":true").contains("prefix")
        );
        assert!(message("\"normalizer\":null", "\"normalizer\":{}").contains("/normalizer"));
        assert!(message("[\"a\",\"b\"]", "[\"a\",\"xyz\"]").contains("/model/merges"));
        assert!(message("\"ab\":256", "\"ab\":4000000000").contains("/model/vocab"));
        assert!(message("\"ab\":256", "\"xx\":256").contains("/model/vocab"));
        assert!(BytePair::from_json("{").unwrap_err().to_string().contains("JSON"));
        assert!(BytePair::from_json("[]").is_err());
    }
}
