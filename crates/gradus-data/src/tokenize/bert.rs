//! BERT's normalization and its cut of a text into words and punctuation.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::Case;

/// What `clean` leaves out: control and unassigned characters and U+FFFD.
static OTHER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{C}\x{FFFD}]").expect("a pattern that a test uses"));
static MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\p{Mn}").expect("a pattern that a test uses"));
static PUNCTUATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{P}!-/:-@\[-`{-~]").expect("a pattern that a test uses"));

/// Normalizes a text: control characters go, white space becomes a space, Chinese characters stand
/// alone, and in lower case accents go too.
pub(super) fn normalize(text: &str, case: Case) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => clean.push(' '),
            c if is(&OTHER, c) => {}
            c if c.is_whitespace() => clean.push(' '),
            c if is_chinese(c) => clean.extend([' ', c, ' ']),
            c => clean.push(c),
        }
    }
    match case {
        Case::Keep => clean,
        Case::Lower => {
            let plain = clean.nfd().filter(|&c| c.is_ascii() || !is(&MARK, c));
            plain.flat_map(char::to_lowercase).collect()
        }
    }
}

/// The words and punctuation marks of a normalized text.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in text.split(char::is_whitespace) {
        let mut start = 0;
        for (at, c) in run.char_indices() {
            if is(&PUNCTUATION, c) {
                words.push(&run[start..at]);
                start = at + c.len_utf8();
                words.push(&run[at..start]);
            }
        }
        words.push(&run[start..]);
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is(class: &Regex, c: char) -> bool {
    class.is_match(c.encode_utf8(&mut [0; 4]))
}

/// The blocks of Chinese characters that BERT separates.
fn is_chinese(c: char) -> bool {
    matches!(u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F
        | 0x2B740..=0x2B81F | 0x2B920..=0x2CEAF | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_normalized_as_bert_does() {
        assert_eq!(normalize("Ça\tva\u{0} ÉTÉ", Case::Lower), "ca va ete");
        assert_eq!(normalize("Ça\u{a0}va", Case::Keep), "Ça va");
        assert_eq!(normalize("a床b", Case::Lower), "a 床 b");
    }

    #[test]
    fn punctuation_stands_alone() {
        assert_eq!(words("don't, stop$  «x»"), ["don", "'", "t", ",", "stop", "$", "«", "x", "»"]);
        assert!(words(" ").is_empty());
    }
}
