//! Bytes as printable characters, and the cut of a text into words: GPT-2's conventions.

use std::sync::LazyLock;

use regex::Regex;

/// The characters that stand for bytes: a printable byte of Latin-1 for itself, the others for
/// U+0100 and on, in their order.
static CHARS: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut next = 0x100;
    std::array::from_fn(|byte| match byte as u8 {
        b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte as u8),
        _ => {
            next += 1;
            char::from_u32(next - 1).expect("68 code points from U+0100 on are characters")
        }
    })
});

/// GPT-2's pattern without its look-ahead `\s+(?!\S)`, which [`words`] does by hand.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+";
    Regex::new(pattern).expect("a pattern that a test uses")
});

/// The character that stands for a byte.
pub(super) fn char_of(byte: u8) -> char {
    CHARS[usize::from(byte)]
}

/// The byte that a character stands for.
pub(super) fn byte_of(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0..=0xFF => (char_of(code as u8) == character).then_some(code as u8),
        0x100..=0x143 => (0..=255).find(|&byte| char_of(byte) == character),
        _ => None,
    }
}

/// The 256 characters in the order of their code points.
pub(super) fn alphabet() -> Vec<char> {
    let mut chars = CHARS.to_vec();
    chars.sort_unstable();
    chars
}

/// Cuts a text into words: contractions, letters, digits and other signs, each with the space
/// before it, and the white space that is left.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let found = PATTERN.find_at(text, start)?;
        let mut end = found.end();
        // `\s+(?!\S)`: of white space before a word, the last character goes with the word or
        // stands alone.
        let spaces = found.as_str();
        let last = spaces.chars().next_back().filter(|c| c.is_whitespace());
        if let Some(last) = last
            && end < text.len()
            && spaces.len() > last.len_utf8()
        {
            end -= last.len_utf8();
        }
        let word = &text[start..end];
        start = end;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_has_its_own_character() {
        assert!((0..=255).all(|byte| byte_of(char_of(byte)) == Some(byte)));
        assert_eq!(alphabet().len(), 256);
        assert_eq!((char_of(b' '), char_of(b'\n'), char_of(b'a')), ('Ġ', 'Ċ', 'a'));
        assert_eq!((byte_of(' '), byte_of('中')), (None, None));
    }

    #[test]
    fn words_are_cut_as_gpt_2_cuts_them() {
        let cut = |text| words(text).collect::<Vec<_>>();
        assert_eq!(cut("I'll go,  ok?"), ["I", "'ll", " go", ",", " ", " ok", "?"]);
        assert_eq!(cut("a \n\nb\t"), ["a", " \n", "\n", "b", "\t"]);
        assert_eq!(cut("x12 床前 !! "), ["x", "12", " 床前", " !!", " "]);
        assert_eq!(cut("a   "), ["a", "   "]);
        assert!(cut("").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn words_make_up_the_text(text in "[a '\\n1é\u{a0}\u{3000}!]{0,20}|\\PC{0,20}") {
            prop_assert_eq!(words(&text).collect::<String>(), text);
        }
    }
}
