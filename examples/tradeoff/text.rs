//! Chinese: quatrains, a character a token.

use anyhow::{Result, ensure};
use gradus::data::{CharTokenizer, CharTokenizerConfig, UnknownCharacter};
use gradus::prelude::*;

use crate::context::Context;
use crate::learn::Lesson;
use crate::poems::Poems;
use crate::rows::Row;
use crate::sequence::{self, Corpus, Plan};

/// Stands for every character that is too rare to be learned.
const RARE: char = '□';
/// A character that occurs less often is rare.
const OFTEN: usize = 5;

pub(crate) fn run(cx: &mut Context) -> Result<Vec<Row>> {
    let corpus = corpus(cx)?;
    let lesson = |steps, batch, lr| Lesson { steps, batch, lr };
    let quick = Plan {
        width: 48,
        n_layers: 2,
        lesson: lesson(500, 32, 4e-3),
        oracle_width: 64,
        samples: 128,
    };
    let full = Plan {
        width: 80,
        n_layers: 3,
        lesson: lesson(900, 48, 3e-3),
        oracle_width: 112,
        samples: 240,
    };
    sequence::run(cx, &corpus, cx.effort.pick(quick, full))
}

/// The user's poems, or the Chinese guide in pieces of the length of a quatrain.
pub(crate) fn corpus(cx: &Context) -> Result<Corpus> {
    let parts = match cx.folder("tang_poems") {
        Some(folder) => poems(cx, Poems::read(&folder, cx.form)?)?,
        None => guide(cx)?,
    };
    let tokenizer = frequent(&parts.everything)?;
    let [train, last, oracle, reference, floor] = parts.texts.map(|texts| {
        let ids = texts.iter().map(|text| Ok(tokenizer.encode(text)?));
        ids.collect::<Result<Vec<Vec<u32>>>>()
    });
    let (reference, floor) = (reference?, floor?);
    ensure!(reference.len() >= 40 && floor.len() >= 40, "fewer than 80 texts are held out");
    Ok(Corpus {
        name: "text",
        title: "Verse: a character a token",
        source: format!(
            "{} {} different characters; those seen fewer than {OFTEN} times are {RARE}.",
            parts.source,
            tokenizer.vocab_size()
        ),
        train: train?,
        last: last?,
        oracle: oracle?,
        reference,
        floor,
        line: cx.form.line(),
        copied: cx.form.line(),
        order: 2,
        tokenizer,
    })
}

/// Texts to train, to train at the end, for the oracle, to compare with, and for the floor.
struct Parts {
    source: String,
    /// Every text once.
    everything: String,
    texts: [Vec<String>; 5],
}

/// Quatrains are few, so the networks first learn from longer poems: any two couplets of one half
/// of them that follow each other. The oracle reads the other half, and no quatrain.
fn poems(cx: &Context, poems: Poems) -> Result<Parts> {
    let everything = poems.poems.iter().flatten().map(String::as_str).collect();
    let (mut quatrains, mut longer) = poems.split();
    shuffle(&mut quatrains, cx.key.fold_in(20));
    shuffle(&mut longer, cx.key.fold_in(21));
    let source = format!(
        "{} quatrains of 4 × {} characters, and {} longer poems.",
        quatrains.len(),
        cx.form.line(),
        longer.len()
    );
    let pieces = |poems: &[Vec<String>]| -> Vec<String> {
        poems.iter().flat_map(|poem| poem.windows(2).map(<[String]>::concat)).collect()
    };
    let (ours, theirs) = longer.split_at(longer.len() / 2);
    let (learned, held_out) = quatrains.split_at(quatrains.len() / 2);
    // The oracle has read neither half of the quatrains, so the learned ones are the floor's.
    let texts = [pieces(ours), pieces(learned), pieces(theirs), pieces(held_out), pieces(learned)];
    Ok(Parts { source, everything, texts })
}

fn guide(cx: &Context) -> Result<Parts> {
    let len = 4 * cx.form.line();
    let text: Vec<char> = Context::guide("zh")?.chars().filter(|c| !c.is_whitespace()).collect();
    // Blocks in turn, since the chapters speak of different things.
    let part = |from: usize, to: usize, stride: usize| -> Vec<String> {
        let blocks = text.chunks(400).enumerate().filter(|(i, _)| (from..to).contains(&(i % 10)));
        let pieces = blocks.flat_map(|(_, block)| block.windows(len).step_by(stride));
        pieces.map(|piece| piece.iter().collect()).collect()
    };
    let source = format!("The Chinese guide of this project in pieces of {len} characters.");
    let texts =
        [part(0, 4, 3), Vec::new(), part(4, 7, 3), part(7, 9, len / 4), part(9, 10, len / 4)];
    Ok(Parts { source, everything: text.into_iter().collect(), texts })
}

/// Knows the characters that occur often enough.
fn frequent(text: &str) -> Result<CharTokenizer> {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0usize) += 1;
    }
    let known: String = counts.iter().filter(|&(_, &n)| n >= OFTEN).map(|(c, _)| c).collect();
    Ok(CharTokenizerConfig { unknown: UnknownCharacter::Replace(RARE) }.fit(&known)?)
}

/// In an order drawn from the key.
fn shuffle<T>(list: &mut [T], key: Key) {
    for i in (1..list.len()).rev() {
        let j = (key.uniform(i as u64) * (i + 1) as f64) as usize;
        list.swap(i, j.min(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_are_one() {
        let tokenizer = frequent("甲甲甲甲甲乙").unwrap();
        assert_eq!(tokenizer.vocab_size(), 2);
        assert_eq!(tokenizer.encode("乙丙").unwrap(), [tokenizer.id(RARE).unwrap(); 2]);
    }

    #[test]
    fn shuffling_keeps_everything() {
        let mut list: Vec<u32> = (0..50).collect();
        shuffle(&mut list, Key::new(3));
        assert_ne!(list[..5], [0, 1, 2, 3, 4]);
        list.sort_unstable();
        assert_eq!(list, (0..50).collect::<Vec<_>>());
    }
}
