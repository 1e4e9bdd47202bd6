//! A text cut into the terms that are counted.

use std::sync::LazyLock;

use regex::Regex;

/// Whether letters are made small before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// They are.
    #[default]
    Lower,
    /// They stay as they are.
    Keep,
}

impl Case {
    pub(crate) fn apply(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Keep => text.to_owned(),
        }
    }
}

/// What a term is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Analyzer {
    /// Words: runs of two or more letters, digits and underscores.
    #[default]
    Word,
    /// Characters, with every run of white space read as one space.
    Char,
}

/// Python's `\w`: letters and numbers of any script, and the underscore.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("a pattern that a test uses"));
static SPACES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s\s+").expect("a pattern that a test uses"));

/// Calls `f` with every n-gram of a text that has been through [`Case::apply`].
pub(super) fn for_each_term(
    text: &str,
    analyzer: Analyzer,
    ngrams: (usize, usize),
    mut f: impl FnMut(&str),
) {
    match analyzer {
        Analyzer::Word => {
            let long = |word: &&str| word.chars().nth(1).is_some();
            let words: Vec<&str> = WORD.find_iter(text).map(|m| m.as_str()).filter(long).collect();
            for n in ngrams.0..=ngrams.1 {
                match n {
                    1 => words.iter().for_each(|word| f(word)),
                    _ => words.windows(n).for_each(|gram| f(&gram.join(" "))),
                }
            }
        }
        Analyzer::Char => {
            let text = SPACES.replace_all(text, " ");
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            let ends: Vec<usize> = ends.collect();
            for n in ngrams.0..=ngrams.1 {
                let spans = ends.iter().zip(ends.iter().skip(n));
                spans.for_each(|(&start, &end)| f(&text[start..end]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str, analyzer: Analyzer, ngrams: (usize, usize)) -> Vec<String> {
        let mut terms = Vec::new();
        for_each_term(text, analyzer, ngrams, |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn words_have_two_characters_of_any_script() {
        let words = terms("I'm at été_2, 床前 a ½ 3x", Analyzer::Word, (1, 1));
        assert_eq!(words, ["at", "été_2", "床前", "3x"]);
        assert_eq!(terms("ab cd ef", Analyzer::Word, (2, 3)), ["ab cd", "cd ef", "ab cd ef"]);
        assert!(terms("ab", Analyzer::Word, (2, 2)).is_empty());
    }

    #[test]
    fn characters_are_counted_with_one_space_between() {
        assert_eq!(terms("é \t b", Analyzer::Char, (1, 2)), ["é", " ", "b", "é ", " b"]);
        assert!(terms("", Analyzer::Char, (1, 2)).is_empty());
    }
}
