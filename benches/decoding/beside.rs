//! Sampling at batch 1 beside Hugging Face.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use gradus::core::Keys;
use gradus::generate::{Ar, Request, Strategy};
use gradus::models::Gpt;
use gradus::nn::Module;
use gradus::tensor::set_threads;

use crate::{large, median, seconds};

/// It is handed to Python as text, so that the program runs from anywhere.
const SCRIPT: &str = include_str!("hf.py");
const TOKENS: usize = 240;
const VOCAB: usize = 65;

pub(crate) fn run(python: &Path, threads: &[usize], rounds: usize) -> Result<()> {
    let gpt = Gpt::new(&large(VOCAB), &mut Keys::new(7))?;
    println!("{} parameters, {TOKENS} tokens sampled after a prompt of one", gpt.num_parameters());
    println!("{:>8}{:>16}{:>10}{:>8}", "threads", "transformers", "gradus", "ratio");
    for &n in threads {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            theirs.push(hugging_face(python, n)?);
            set_threads(n);
            ours.push(gradus(&gpt)?);
        }
        let (theirs, ours) = (median(theirs), median(ours));
        println!("{n:>8}{theirs:>12.0} t/s{ours:>6.0} t/s{:>7.2}×", ours / theirs);
    }
    Ok(())
}

fn hugging_face(python: &Path, threads: usize) -> Result<f64> {
    let mut command = Command::new(python);
    let command = command.args(["-c", SCRIPT, &threads.to_string(), &TOKENS.to_string()]);
    let output = command.env("OMP_NUM_THREADS", threads.to_string()).output();
    let output = output.with_context(|| format!("cannot start {}", python.display()))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", python.display(), errors.trim());
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("not a rate: {text}"))
}

/// The median of three runs after a warm one, as the script does.
fn gradus(gpt: &Gpt) -> Result<f64> {
    let sample = || -> Result<()> {
        let run = Ar::default().run(gpt, Request::new([0]).seed(7).max(TOKENS))?.collect_all()?;
        ensure!(run.row(0).len() == TOKENS + 1, "{} tokens", run.row(0).len());
        Ok(())
    };
    sample()?;
    let times = (0..3).map(|_| seconds(sample)).collect::<Result<Vec<_>>>()?;
    Ok(TOKENS as f64 / median(times))
}
