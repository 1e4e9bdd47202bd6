//! Speculative decoding beside the target alone.

use std::path::Path;

use anyhow::{Result, ensure};
use gradus::data::{CharTokenizer, read_text};
use gradus::generate::{Ar, Draft, Drafted, Drafter, Output, Request, Strategy};
use gradus::models::{Gpt, TransformerConfig};
use gradus::tensor::threads;

use crate::pupil::Pupil;
use crate::{large, median};

const AHEAD: [usize; 6] = [1, 2, 3, 4, 5, 6];
const CONTEXT: usize = 128;
/// New tokens after the prompt.
const TOKENS: usize = 90;

pub(crate) fn run(data: &Path, out: &Path, steps: usize, rounds: usize) -> Result<()> {
    let file = if data.is_dir() { data.join("input.txt") } else { data.to_owned() };
    let text = read_text(&file)?;
    let tokenizer = CharTokenizer::fit(&text)?;
    let ids = tokenizer.encode_tensor(&text)?;
    ensure!(ids.len() > 100_000, "{}: {} characters, expected 100,000", file.display(), ids.len());
    std::fs::create_dir_all(out)?;
    let vocab = tokenizer.vocab_size();
    let config = TransformerConfig { context: CONTEXT, ..large(vocab) };
    let target = Pupil { name: "target", config, window: CONTEXT, batch: 8, steps, lr: 1e-3 };
    let (small, steps) = (TransformerConfig::new(vocab, CONTEXT), 2 * steps);
    let config = TransformerConfig { width: 128, n_heads: 4, n_layers: 1, ..small };
    let draft = Pupil { name: "draft", config, window: CONTEXT, batch: 16, steps, lr: 3e-3 };
    let (target, target_nats) = target.learn(&ids, out)?;
    let (draft, draft_nats) = draft.learn(&ids, out)?;
    println!(
        "nats per character: target {target_nats:.3}, draft {draft_nats:.3}; {} threads",
        threads()
    );
    let prompt = tokenizer.encode(&text.chars().take(32).collect::<String>())?;
    table(&target, &draft, &prompt, rounds)
}

/// Medians over rounds in which the ways take turns; every output must be that of the target alone.
fn table(target: &Gpt, draft: &Gpt, prompt: &[u32], rounds: usize) -> Result<()> {
    let mut alone = Vec::new();
    let mut drafted = vec![Vec::new(); AHEAD.len()];
    let mut accepted = vec![0.0; AHEAD.len()];
    for round in 0..rounds as u64 {
        let request = || Request::new(prompt).seed(round).max(TOKENS);
        let plain = Ar::default().run(target, request())?.collect_all()?;
        alone.push(rate(&plain));
        for (i, &ahead) in AHEAD.iter().enumerate() {
            let fast = speculate(target, draft, ahead, request())?;
            ensure!(fast.row(0) == plain.row(0), "the draft changed the text");
            drafted[i].push(rate(&fast));
            accepted[i] += fast.stats.acceptance().unwrap_or(0.0) / rounds as f64;
        }
    }
    let alone = median(alone);
    println!("{:<12}{:>12}{:>12}{:>10}", "proposals", "tokens/s", "accepted", "ratio");
    println!("{:<12}{alone:>12.0}", "none");
    for (i, rates) in drafted.into_iter().enumerate() {
        let rate = median(rates);
        let share = 100.0 * accepted[i];
        println!("{:<12}{rate:>12.0}{share:>10.1} %{:>9.2}×", AHEAD[i], rate / alone);
    }
    Ok(())
}

fn speculate<D: Drafter>(target: &Gpt, draft: D, ahead: usize, request: Request) -> Result<Output> {
    let pair = Drafted { target, draft };
    Ok(Draft { ahead, ..Draft::default() }.run(&pair, request)?.collect_all()?)
}

fn rate(output: &Output) -> f64 {
    output.stats.tokens_per_second().unwrap_or(0.0)
}
