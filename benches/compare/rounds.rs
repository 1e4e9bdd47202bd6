//! The interleaved run: case by case, threads by threads, round by round.

use anyhow::{Context, Result};

use crate::case::{Case, GptSize, Work, choose};
use crate::line::Line;
use crate::options::{Mode, Options};
use crate::peer::{Peer, Task};

/// All figures, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) figures: Vec<(Peer, Line)>,
    pub(crate) failures: Vec<String>,
}

/// Runs every chosen case. A process that fails is reported and does not stop the others.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let python = options.python.as_deref().context("--python names the virtual environment's")?;
    let cases = choose(&options.cases)?;
    let cases = cases.iter().filter(|case| options.mode == Mode::Highest || case.is_step());
    let mut outcome = Outcome::default();
    for (at, case) in cases.enumerate() {
        for &threads in &options.threads {
            for round in 0..options.rounds {
                let (seconds, mode) = (options.seconds, options.mode);
                let task = Task { case: &case.name, threads, round, seconds, mode };
                let mut peers = peers(case, mode);
                // Who goes first meets a machine that another case has warmed.
                if (at + round) % 2 == 1 {
                    peers.reverse();
                }
                eprintln!("{} · threads {threads} · round {}", case.name, round + 1);
                for peer in peers {
                    match peer.run(python, &task) {
                        Ok(lines) => outcome.figures.extend(lines.into_iter().map(|l| (peer, l))),
                        Err(error) => outcome.failures.push(format!(
                            "{} with {threads} threads, {peer:?}: {error:#}",
                            case.name
                        )),
                    }
                }
            }
        }
    }
    Ok(outcome)
}

/// Who has a part in a case.
fn peers(case: &Case, mode: Mode) -> Vec<Peer> {
    match (case.work, mode) {
        (Work::ReadBandwidth, _) => vec![Peer::Gradus],
        (Work::Gpt(GptSize::Medium), Mode::Medium) => {
            vec![Peer::Torch, Peer::Gradus, Peer::GradusHighest]
        }
        _ => vec![Peer::Torch, Peer::Gradus],
    }
}
