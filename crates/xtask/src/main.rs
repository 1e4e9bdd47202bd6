//! Repository chores of Gradus: `cargo xtask tidy` and `cargo xtask check`.
#![forbid(unsafe_code)]

mod check;
mod tidy;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::check::Start;

const USAGE: &str = "\
usage: cargo xtask <command>

  tidy                  the rules of the house that no compiler checks: arrows between crates, sizes,
                        rooms for unsafe and for input and output, names, links
  check                 everything that .ci/run runs: tests, format, clippy, tidy, docs, tour
  check --after-tests   the same without the tests, for a caller that has just run them";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["tidy"] => tidy::run(&root()),
        ["check"] => check::run(&root(), Start::Tests),
        ["check", "--after-tests"] => check::run(&root(), Start::AfterTests),
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
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("xtask lies in crates/xtask").to_path_buf()
}
