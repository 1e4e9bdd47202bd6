//! Repository chores of Gradus: `cargo xtask tidy`, `cargo xtask check`, `cargo xtask ops`,
//! `cargo xtask guide` and `cargo xtask asan`.
#![forbid(unsafe_code)]

mod asan;
mod check;
mod guide;
mod ops;
mod tidy;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::check::Start;
use crate::guide::Mode;

const USAGE: &str = "\
usage: cargo xtask <command>

  tidy                  the rules of the house that no compiler checks: arrows between crates, sizes,
                        rooms for unsafe and for input and output, names, links
  check                 everything that .ci/run runs: tests, format, clippy, tidy, docs, tour
  check --after-tests   the same without the tests, for a caller that has just run them
  ops                   writes docs/ops.md from the op table and the docs of the ops
  guide [NAME…]         runs the experiments of the guide (all, or those named), draws their
                        pictures, and fails if a figure is not that of docs/guide/figures.tsv
  guide --update [NAME…]  the same, but writes the figures into the table
  asan                  the tests of gradus-cpu under AddressSanitizer, at every instruction set;
                        needs a nightly compiler";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["tidy"] => root().and_then(|root| tidy::run(&root)),
        ["check"] => root().and_then(|root| check::run(&root, Start::Tests)),
        ["check", "--after-tests"] => root().and_then(|root| check::run(&root, Start::AfterTests)),
        ["ops"] => root().and_then(|root| ops::run(&root)),
        ["guide", "--update", names @ ..] => {
            root().and_then(|root| guide::run(&root, Mode::Update, names))
        }
        ["guide", names @ ..] => root().and_then(|root| guide::run(&root, Mode::Check, names)),
        ["asan"] => root().and_then(|root| asan::run(&root)),
        [] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("xtask: unknown command `{}`\n\n{USAGE}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    exit_code(outcome)
}

fn exit_code(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace: two folders above this package.
///
/// Cargo says where the package lies when it runs it. The place where it was compiled is no
/// substitute: a target folder that is moved or shared between checkouts keeps the old one.
fn root() -> Result<PathBuf> {
    let package = env::var("CARGO_MANIFEST_DIR").context("not run by cargo: use `cargo xtask`")?;
    let root = Path::new(&package).ancestors().nth(2).context("xtask lies in crates/xtask")?;
    Ok(root.to_path_buf())
}
