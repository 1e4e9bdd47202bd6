//! English: short windows, a character a token.

use anyhow::{Result, ensure};
use gradus::data::{CharTokenizer, read_text};

use crate::context::Context;
use crate::learn::Lesson;
use crate::rows::Row;
use crate::sequence::{self, Corpus, Plan};

/// Characters of a window.
const LEN: usize = 32;

pub(crate) fn run(cx: &mut Context) -> Result<Vec<Row>> {
    let corpus = corpus(cx)?;
    let lesson = |steps, lr| Lesson { steps, batch: 32, lr };
    let quick =
        Plan { width: 48, n_layers: 2, lesson: lesson(600, 4e-3), oracle_width: 64, samples: 128 };
    let full = Plan {
        width: 64,
        n_layers: 3,
        lesson: lesson(1_500, 3e-3),
        oracle_width: 96,
        samples: 320,
    };
    sequence::run(cx, &corpus, cx.effort.pick(quick, full))
}

/// The user's plays, or the English guide.
pub(crate) fn corpus(cx: &Context) -> Result<Corpus> {
    let (text, what) = match cx.folder("tiny_shakespeare") {
        Some(folder) => {
            let file = folder.join("input.txt");
            (read_text(&file)?, format!("{}.", file.display()))
        }
        None => (Context::guide("en")?, "The English guide of this project.".to_owned()),
    };
    let tokenizer = CharTokenizer::fit(&text)?;
    let ids = tokenizer.encode(&text)?;
    ensure!(ids.len() >= 40_000, "{what} {} characters, expected at least 40000", ids.len());
    // The oracle reads another half of what is not held out. Plays are cut into twenty parts; the
    // guide's blocks take turns, since its chapters speak of different things.
    let block = if cx.data.is_some() { ids.len().div_ceil(20) } else { 1_000 };
    let part = |from: usize, to: usize, stride: usize| -> Vec<Vec<u32>> {
        let blocks = ids.chunks(block).enumerate().filter(|(i, _)| (from..to).contains(&(i % 20)));
        let windows = blocks.flat_map(|(_, block)| block.windows(LEN).step_by(stride));
        windows.map(<[u32]>::to_vec).collect()
    };
    // A prime, so that windows begin at every place of a line.
    let stride = 7;
    Ok(Corpus {
        name: "english",
        title: "English: a character a token",
        source: format!(
            "{what} {} characters in windows of {LEN}, {} different ones.",
            ids.len(),
            tokenizer.vocab_size()
        ),
        train: part(0, 9, stride),
        last: Vec::new(),
        oracle: part(9, 18, stride),
        reference: part(18, 19, LEN / 2),
        floor: part(19, 20, LEN / 2),
        line: 8,
        copied: 20,
        order: 4,
        tokenizer,
    })
}
