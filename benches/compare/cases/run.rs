//! Runs the chosen cases one after the other.

use anyhow::{Context, Result};
use gradus::tensor::{MatmulPrecision, set_float32_matmul_precision, set_threads};

use super::{bandwidth, cnn, decode, gpt, mlp, peak_rss, products, recurrent, row_ops};
use crate::case::{Case, Work, choose};
use crate::options::{Mode, Side};
use crate::stopwatch::Stopwatch;

/// Prints the figures of the chosen cases; of a single one also the most memory it took.
pub(crate) fn run(side: &Side) -> Result<()> {
    set_threads(side.threads);
    set_float32_matmul_precision(match side.mode {
        Mode::Highest => MatmulPrecision::Highest,
        Mode::Medium => MatmulPrecision::Medium,
    });
    let watch = Stopwatch {
        peer: "gradus",
        threads: side.threads,
        round: side.round,
        seconds: side.seconds,
    };
    let cases = choose(&side.cases)?;
    for case in &cases {
        run_case(&watch, case).with_context(|| case.name.clone())?;
    }
    if let [case] = &cases[..] {
        peak_rss::print(&watch, &case.name)?;
    }
    Ok(())
}

fn run_case(watch: &Stopwatch, case: &Case) -> Result<()> {
    let name = &case.name;
    match case.work {
        Work::Product(dims, dtype) => products::run(watch, name, dims, dtype),
        Work::Rows(op, rows) => row_ops::run(watch, name, op, rows),
        Work::Mlp => mlp::run(watch, name, &[784, 512, 256, 10], 128),
        Work::TinyMlp => mlp::run(watch, name, &[32, 64, 64, 10], 16),
        Work::Cnn => cnn::step(watch, name),
        Work::ConvForward => cnn::conv_forward(watch, name),
        Work::ConvBoth => cnn::conv_both(watch, name),
        Work::Gpt(size) => gpt::run(watch, name, size),
        Work::Lstm => recurrent::lstm(watch, name),
        Work::Gru => recurrent::gru(watch, name),
        Work::Decode(dtype) => decode::run(watch, name, dtype),
        Work::ReadBandwidth => bandwidth::run(watch, name),
    }
}
