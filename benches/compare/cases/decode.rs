//! Greedy decoding of one row with a cache, in the shape of the smallest GPT-2.
//!
//! A prompt of 32 tokens, then 64 new ones: 64 passes, of which the first sees the whole prompt.
//! Every pass reads all weights but the table of positions. With narrow weights, vectors and activations
//! stay f32.

use anyhow::{Context, Result};
use gradus::core::{DType, Keys};
use gradus::generate::{Causal, Logits, Ragged, Want};
use gradus::models::{Gpt, TransformerConfig};
use gradus::nn::{Module, cast_matrices};

use super::inputs::ids;
use crate::line::Metric;
use crate::stopwatch::{Amount, Stopwatch};

const PROMPT: usize = 32;
const NEW: usize = 64;

pub(crate) fn run(watch: &Stopwatch, name: &str, dtype: DType) -> Result<()> {
    let config = TransformerConfig::gpt2();
    let mut gpt = Gpt::new(&config, &mut Keys::new(0))?;
    if dtype != DType::F32 {
        cast_matrices(&mut gpt, dtype)?;
    }
    let prompt = ids(config.vocab as i64, [PROMPT], 1)?.to_vec::<i64>()?;
    let prompt: Vec<u32> = prompt.into_iter().map(u32::try_from).collect::<Result<_, _>>()?;
    let [median, min] =
        watch.time(name, Amount::tokens(NEW), || decode(&gpt, &prompt).map(drop))?;
    let bytes = NEW as f64 * read_per_pass(&gpt) as f64;
    let rates = [bytes / median * 1e-9, bytes / min * 1e-9];
    watch.print(&watch.line(name, Metric::ReadRate, rates, "GB/s"))
}

/// The new tokens.
fn decode(gpt: &Gpt, prompt: &[u32]) -> Result<Vec<u32>> {
    let mut state = gpt.begin(1)?;
    let mut logits = Logits::new(gpt.vocab());
    let mut tokens = Ragged::from_rows([prompt]);
    let mut new = Vec::with_capacity(NEW);
    while new.len() < NEW {
        logits.clear();
        gpt.feed(&mut state, &tokens, Want::Last, &mut logits)?;
        new.push(argmax(logits.row(0)).context("no logits")?);
        tokens = Ragged::from_rows([&new[new.len() - 1..]]);
    }
    Ok(new)
}

fn argmax(logits: &[f64]) -> Option<u32> {
    let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.and_then(|(id, _)| u32::try_from(id).ok())
}

/// Bytes of the weights that one pass over one token has to read.
fn read_per_pass(gpt: &Gpt) -> usize {
    let read = gpt.named_parameters().into_iter().filter(|(path, _)| path != "position.weight");
    read.map(|(_, param)| param.len() * param.dtype().size_in_bytes()).sum()
}
