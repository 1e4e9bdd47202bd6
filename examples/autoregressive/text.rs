//! n-grams beside a recurrent network, and the one as a draft for the other.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use gradus::data::{CharTokenizer, read_text};
use gradus::generate::{Ar, Causal, Draft, Drafted, Request, Strategy, score};
use gradus::models::{Ngram, RnnKind, RnnLm, RnnLmConfig};
use gradus::prelude::*;
use gradus_examples::data_file;

use crate::{Args, Figure, indices, train};

/// Characters of a row of a batch, and of a held-out row.
const LENGTH: usize = 96;
const BATCH: usize = 16;

pub(crate) fn run(args: &Args) -> Result<Vec<Figure>> {
    let text = match &args.data {
        Some(path) => read_text(data_file(path, "input.txt"))?,
        None => guide()?,
    };
    let tokenizer = CharTokenizer::fit(&text)?;
    let ids = tokenizer.encode(&text)?;
    let (known, held_out) = ids.split_at(ids.len() / 10 * 9);
    let rows: Vec<Vec<u32>> = held_out.chunks_exact(LENGTH).take(60).map(<[u32]>::to_vec).collect();
    ensure!(!rows.is_empty(), "a text of {} characters is too short", ids.len());
    let vocab = tokenizer.vocab_size();
    println!("text: {} characters, {vocab} different ones", ids.len());

    println!("{:>24}  {:.3} nats per character", "uniform", (vocab as f64).ln());
    let mut best = (f64::INFINITY, 0);
    for order in 1..=6 {
        let nats = nats(&Ngram::fit([known], order, vocab)?, &rows)?;
        best = if nats < best.0 { (nats, order) } else { best };
        println!("{:>24}  {nats:.3}", format!("n-gram of order {order}"));
    }
    let lm = recurrent(known, vocab, args)?;
    let recurrent = nats(&lm, &rows)?;
    println!("{:>24}  {recurrent:.3}", "recurrent network");

    // The draft is coupled to the target: what it guesses changes the time, never the text.
    let draft = Ngram::fit([known], best.1, vocab)?;
    let request = Request::new(&rows[0][..1]).max(200).seed(args.seed);
    let plain = Ar::default().run(&lm, request.clone())?.collect_all()?;
    let pair = Drafted { target: &lm, draft: &draft };
    let fast = Draft::default().run(&pair, request)?.collect_all()?;
    ensure!(fast.row(0) == plain.row(0), "a draft changed the text");
    let calls = fast.stats.calls as f64 / plain.stats.calls as f64;
    println!("with an n-gram for its draft, it writes the same text in {calls:.2} of the calls:");
    println!("  {}\n", tokenizer.decode(&plain.row(0))?.replace('\n', " "));
    Ok(vec![("ngram", best.0), ("recurrent", recurrent), ("draft_calls", calls)])
}

/// Two layers of gated units, on pieces of the text.
fn recurrent(known: &[u32], vocab: usize, args: &Args) -> Result<RnnLm> {
    let size = RnnLmConfig { kind: RnnKind::Gru, n_layers: 2, ..RnnLmConfig::new(vocab) };
    let mut lm = size.init(&mut Keys::new(args.seed))?;
    let loss = |lm: &RnnLm, key: Key| {
        let starts = indices(BATCH, known.len() - LENGTH, key);
        let piece = |start: usize| known[start..start + LENGTH].iter().map(|&id| i64::from(id));
        let batch: Vec<i64> = starts.into_iter().flat_map(piece).collect();
        let batch = Tensor::from_vec(batch, [BATCH, LENGTH])?;
        Ok(lm.loss(&batch, None, &mut Ctx::train(key))?)
    };
    train("text ", &mut lm, args.steps, loss, Key::new(args.seed))?;
    Ok(lm)
}

/// Mean of −ln p over what rows hold after their first character.
fn nats(model: &impl Causal, rows: &[Vec<u32>]) -> Result<f64> {
    let scores = score(model, rows)?;
    let known: Vec<f64> =
        scores.iter().flat_map(|row| row[1..].iter().flatten().copied()).collect();
    Ok(-known.iter().sum::<f64>() / known.len() as f64)
}

/// The project's own guide, in English.
fn guide() -> Result<String> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/en"));
    let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
    let mut files = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files.iter().map(read_text).collect::<gradus::data::Result<String>>()?)
}
