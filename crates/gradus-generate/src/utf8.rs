//! Bytes of tokens, as text, while they come.

/// Joins the bytes of tokens to text, and never gives out half a character.
///
/// Tokens of byte-level vocabularies may end inside a character; its bytes are kept until the rest has
/// come. What can no longer become a character is given as U+FFFD, one for each maximal part, so that
/// all pieces together are [`String::from_utf8_lossy`] of all bytes, and text that was given out never
/// changes.
///
/// # Examples
/// ```
/// use gradus_generate::Utf8Stream;
/// let mut stream = Utf8Stream::default();
/// assert_eq!(stream.push(b"na\xC3"), "na");
/// assert_eq!(stream.push(b"\xAFve \xE6\x98"), "ïve ");
/// assert_eq!(stream.finish(), "\u{FFFD}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Utf8Stream {
    /// The first bytes of a character.
    pending: Vec<u8>,
}

impl Utf8Stream {
    /// The text that is certain now and was not before.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut done = 0;
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            done += chunk.valid().len();
            let bad = chunk.invalid();
            let rest = &self.pending[done..];
            // Only the end of what has come can still be completed.
            if bad.len() == rest.len() && is_beginning(rest) {
                break;
            }
            if !bad.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                done += bad.len();
            }
        }
        self.pending.drain(..done);
        text
    }

    /// What is left at the end: nothing, or U+FFFD for a character that was never completed.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }
}

/// Whether more bytes could make a character of these.
fn is_beginning(bytes: &[u8]) -> bool {
    matches!(std::str::from_utf8(bytes), Err(error) if error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_join_to_the_whole(
            text in ".{0,20}", noise in prop::collection::vec(any::<u8>(), 0..12),
            at in any::<prop::sample::Index>(), cuts in prop::collection::vec(0..6usize, 1..60),
        ) {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, noise);
            let (mut stream, mut joined, mut rest) = (Utf8Stream::default(), String::new(), &bytes[..]);
            for n in cuts.into_iter().cycle().take(200) {
                let (now, later) = rest.split_at(n.min(rest.len()));
                joined += &stream.push(now);
                rest = later;
                prop_assert!(stream.pending.len() < 4);
            }
            joined += &stream.push(rest);
            joined += &stream.finish();
            prop_assert_eq!(joined, String::from_utf8_lossy(&bytes));
        }
    }
}
