//! Step 4: text, character by character.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gradus::data::{CharTokenizer, Loader, LoaderConfig, Shuffle, Windows, read_text};
use gradus::generate::{Ar, Event, Request, Strategy, Temperature, Warps};
use gradus::models::{Gpt, TransformerConfig};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};

use crate::Tour;

const CONTEXT: usize = 96;
const BATCH: usize = 12;
/// Characters that are written after each prompt.
const WRITTEN: usize = 300;
/// Under a minute on two cores.
const STEPS: u64 = 1_000;
const AT_MOST: Duration = Duration::from_secs(45);

/// What the model learns from, with a tenth of each piece held out.
pub(crate) struct Text {
    source: String,
    train: String,
    valid: String,
    prompts: Vec<String>,
}

/// Reads the user's file, or the project's own guide in both languages.
pub(crate) fn load(file: Option<&Path>) -> Result<Text> {
    if let Some(file) = file {
        let text = read_text(file)?;
        let prompt = text.chars().take(16).collect();
        return Text::new(file.display().to_string(), &[text], vec![prompt]);
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide");
    let mut pieces = Vec::new();
    for language in ["en", "zh"] {
        let dir = guide.join(language);
        let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
        let mut files: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
        files.sort();
        for file in files {
            pieces.push(read_text(&file)?);
        }
    }
    let prompts = ["A function is ", "机器学习"].map(str::to_owned).to_vec();
    Text::new("the guide in docs/guide, English and Chinese".to_owned(), &pieces, prompts)
}

impl Text {
    fn new(source: String, pieces: &[String], prompts: Vec<String>) -> Result<Self> {
        let (mut train, mut valid) = (String::new(), String::new());
        for piece in pieces {
            let n = piece.chars().count();
            train.extend(piece.chars().take(n - n / 10));
            valid.extend(piece.chars().skip(n - n / 10));
        }
        let least = 20 * CONTEXT;
        let n = valid.chars().count();
        ensure!(n >= least, "{source}: the held-out tenth has {n} characters, expected {least}");
        Ok(Self { source, train, valid, prompts })
    }
}

pub(crate) fn run(tour: &mut Tour, text: &Text) -> Result<()> {
    tour.begin("4. Text: one character after the other");
    let tokenizer = CharTokenizer::fit(&(text.train.clone() + &text.valid))?;
    let loader = |text: &str, shuffle, stride, batch| -> Result<_> {
        let windows = Windows::new(&tokenizer.encode_tensor(text)?, CONTEXT, stride)?;
        Ok(Loader::new(windows, LoaderConfig { shuffle, ..LoaderConfig::new(batch) })?)
    };
    let train = loader(&text.train, Shuffle::Keyed(tour.key), CONTEXT / 2, BATCH)?;
    let valid = loader(&text.valid, Shuffle::No, CONTEXT, 64)?;
    println!("{}: {} different characters", text.source, tokenizer.vocab_size());

    let config = TransformerConfig {
        dropout: 0.1,
        ..TransformerConfig::new(tokenizer.vocab_size(), CONTEXT)
    };
    let gpt = Gpt::new(&config, &mut Keys::from(tour.key))?;
    let epochs = STEPS.div_ceil(train.len() as u64);
    let schedule = Schedule::cosine(epochs * train.len() as u64).warmup(50);
    let optimizer = AdamW { lr: 3e-3, schedule, ..AdamW::default() }.init()?;
    let fit_config =
        FitConfig { epochs, key: tour.key, time_limit: Some(AT_MOST), ..FitConfig::default() };
    let mut fit = Fit::new(gpt, loss, optimizer, fit_config)?;
    fit.run_validated(&train, &valid)?;
    let (nats, steps) = (fit.evaluate(&valid)?["loss"], fit.steps());
    let gpt = fit.into_model();

    tour.page.paragraph(&format!(
        "A causal transformer of {} parameters, trained for {steps} steps on {}. Held out: {nats:.3} \
         nats per character ({:.3} bits); guessing evenly among the {} characters would cost {:.3} \
         nats. The prompt is followed by what the model wrote at temperature 0.8.",
        gpt.num_parameters(), text.source, nats / std::f64::consts::LN_2,
        tokenizer.vocab_size(), (tokenizer.vocab_size() as f64).ln()
    ));
    for prompt in &text.prompts {
        let (written, rate) = write(tour, &gpt, &tokenizer, prompt)?;
        tour.page.verbatim(&written);
        tour.found(format!("text: characters a second after {prompt:?}"), format!("{rate:.0}"));
    }
    tour.found("text: held-out nats per character", format!("{nats:.3}"));
    Ok(())
}

/// Mean nats per character over all positions of the windows.
fn loss(gpt: &Gpt, [input, target]: &[Tensor; 2], ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = gpt.forward(input, None, ctx)?.flatten(0, 1)?; // (B·T, V)
    let loss = logits.cross_entropy(&target.flatten(0, 1)?)?.mean(..)?;
    Ok(Score::new(loss, input.dims()[0]))
}

/// Streams a continuation to the terminal, and returns it with the characters a second.
///
/// Where the context is full, the model goes on from the last half of it.
fn write(tour: &Tour, gpt: &Gpt, tokenizer: &CharTokenizer, prompt: &str) -> Result<(String, f64)> {
    let ar = Ar { warps: Warps::none().with(Temperature(0.8)), ..Ar::default() };
    let mut ids = tokenizer.encode(prompt)?;
    let goal = ids.len() + WRITTEN;
    let started = Instant::now();
    print!("\n{prompt}");
    while ids.len() < goal {
        let seen = ids[ids.len().saturating_sub(CONTEXT / 2)..].to_vec();
        let room = (CONTEXT - seen.len()).min(goal - ids.len());
        let request = Request::new(seen).max(room).seed(tour.key.fold_in(ids.len() as u64).seed);
        for event in ar.run(gpt, request)? {
            if let Event::Commit { value, .. } = event? {
                print!("{}", tokenizer.decode(&[value])?);
                std::io::stdout().flush()?;
                ids.push(value);
            }
        }
    }
    println!();
    let rate = WRITTEN as f64 / started.elapsed().as_secs_f64();
    Ok((tokenizer.decode(&ids)?, rate))
}
