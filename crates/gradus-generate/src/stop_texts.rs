//! Rows that end at a text.

use std::fmt;
use std::sync::Arc;

use crate::{Error, Result};

/// Texts that end a row, however they are spelled in tokens. Also called stop strings.
///
/// A text may begin inside one token and end inside another. Only generated tokens count, and the token
/// that completes a text stays in the row.
///
/// # Examples
/// ```
/// use gradus_generate::StopTexts;
/// let words = ["a", "b", "ab", "\n\nQ", "\n"];
/// let stop = StopTexts::new(words, ["\n\n", "bb"])?;
/// assert_eq!(stop.hit(&[0, 4]), None);
/// assert_eq!(stop.hit(&[0, 4, 4]), Some(0));
/// assert_eq!(stop.hit(&[0, 3]), Some(0));
/// assert_eq!(stop.hit(&[2, 1]), Some(1));
/// assert_eq!(stop.hit(&[2, 1, 0]), None, "only what the last token completes");
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StopTexts {
    words: Arc<[Vec<u8>]>,
    texts: Vec<Vec<u8>>,
}

impl StopTexts {
    /// For a vocabulary whose id `i` stands for the bytes of `words[i]`.
    ///
    /// # Errors
    /// [`Error::Length`] for an empty text, which would end every row.
    pub fn new(
        words: impl IntoIterator<Item = impl AsRef<[u8]>>,
        texts: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self> {
        let words = words.into_iter().map(|w| w.as_ref().to_vec()).collect();
        let texts: Vec<Vec<u8>> = texts.into_iter().map(|t| t.as_ref().to_vec()).collect();
        if texts.iter().any(Vec::is_empty) {
            return Err(Error::Length { what: "stop text, at least", expected: 1, got: 0 });
        }
        Ok(Self { words, texts })
    }

    /// The first of the texts that the last of these tokens completes.
    pub fn hit(&self, generated: &[u32]) -> Option<usize> {
        let word = |id: &u32| self.words.get(*id as usize).map_or(&[][..], Vec::as_slice);
        let last = word(generated.last()?);
        let longest = self.texts.iter().map(Vec::len).max()?;
        // No text that ends in the last word begins before these bytes.
        let mut tail: Vec<u8> = Vec::new();
        for id in generated.iter().rev() {
            tail.extend(word(id).iter().rev());
            if tail.len() >= last.len() + longest {
                break;
            }
        }
        tail.reverse();
        let old = tail.len() - last.len();
        let completed = |text: &Vec<u8>| {
            let from = (old + 1).saturating_sub(text.len());
            tail[from..].windows(text.len()).any(|window| window == text)
        };
        self.texts.iter().position(completed)
    }

    /// Refuses a model with another vocabulary.
    pub(crate) fn check(&self, vocab: usize) -> Result<()> {
        let (expected, got) = (vocab, self.words.len());
        let what = "words of stop texts, one for each id";
        if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got }) }
    }
}

impl fmt::Debug for StopTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned());
        f.debug_tuple("StopTexts").field(&texts.collect::<Vec<_>>()).finish()
    }
}
