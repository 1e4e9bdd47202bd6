//! `cargo xtask check`: the steps that every commit passes, in order.
//!
//! [`STEPS`] is the only list. `.ci/run` runs its first entry itself and hands the rest to
//! `check --after-tests`; a test below keeps the two in agreement.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Where [`run`] begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the first step.
    Tests,
    /// At the second: the caller has just run the tests.
    AfterTests,
}

/// A command as it would be typed at the root of the workspace, and what is set while it runs.
struct Step {
    name: &'static str,
    env: Option<(&'static str, &'static str)>,
    command: &'static str,
}

const fn step(name: &'static str, command: &'static str) -> Step {
    Step { name, env: None, command }
}

const STEPS: [Step; 6] = [
    step("tests", "cargo test --workspace"),
    step("format", "cargo fmt --all --check"),
    step("clippy", "cargo clippy --workspace --all-targets -- -D warnings"),
    step("tidy", "cargo xtask tidy"),
    Step {
        name: "docs",
        env: Some(("RUSTDOCFLAGS", "-D warnings")),
        command: "cargo doc --workspace --no-deps",
    },
    step("tour", "cargo run --release --example tour"),
];

/// Runs the steps in order and prints how long each took; stops at the first that fails.
pub(crate) fn run(root: &Path, start: Start) -> Result<()> {
    require_components(root)?;
    let steps = match start {
        Start::Tests => &STEPS[..],
        Start::AfterTests => &STEPS[1..],
    };
    let mut seconds = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, typed(step));
        let began = Instant::now();
        let status =
            command(root, step).status().with_context(|| format!("start {}", step.name))?;
        seconds.push((step.name, began.elapsed()));
        if !status.success() {
            print!("{}", table(&seconds));
            bail!("{} failed ({status}): {}", step.name, typed(step));
        }
    }
    print!("{}", table(&seconds));
    println!("check: all steps passed");
    Ok(())
}

/// rustfmt and clippy come with a default toolchain; a minimal one lacks them, and cargo's own
/// message does not say what to do.
fn require_components(root: &Path) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let mut probe = Command::new("cargo");
        probe.current_dir(root).args([tool, "--version"]);
        let status = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !status.context("start cargo")?.success() {
            bail!("cargo {tool} is not installed: run `rustup component add {component}`");
        }
    }
    Ok(())
}

fn command(root: &Path, step: &Step) -> Command {
    let mut words = step.command.split(' ');
    let mut command = Command::new(words.next().expect("a split yields one part at least"));
    command.current_dir(root).args(words).envs(step.env);
    command
}

fn typed(step: &Step) -> String {
    match step.env {
        Some((name, value)) => format!("{name}=\"{value}\" {}", step.command),
        None => step.command.to_owned(),
    }
}

fn table(seconds: &[(&str, Duration)]) -> String {
    let total: Duration = seconds.iter().map(|(_, time)| *time).sum();
    let mut out = String::from("\nstep       seconds\n");
    for (name, time) in seconds.iter().chain([&("total", total)]) {
        out += &format!("{name:<10} {:>7.1}\n", time.as_secs_f64());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commands of `.ci/run`: lines that start with `cargo`.
    fn script_commands() -> Vec<&'static str> {
        let script = include_str!("../../../.ci/run");
        script.lines().map(str::trim).filter(|line| line.starts_with("cargo ")).collect()
    }

    #[test]
    fn the_script_runs_the_first_step_and_leaves_the_rest_to_check() {
        assert_eq!(script_commands(), [STEPS[0].command, "cargo xtask check --after-tests"]);
    }

    #[test]
    fn the_environment_is_shown_as_it_would_be_typed() {
        let docs = STEPS.iter().find(|step| step.name == "docs").unwrap();
        assert_eq!(typed(docs), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps");
    }

    #[test]
    fn a_failing_program_is_told_from_a_passing_one() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let good = step("good", "cargo --version");
        let bad = step("bad", "cargo no-such-command");
        assert!(command(root, &good).output().unwrap().status.success());
        assert!(!command(root, &bad).output().unwrap().status.success());
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let rows = [("a", Duration::from_millis(1500)), ("b", Duration::from_millis(500))];
        let table = table(&rows);
        assert!(table.contains("a              1.5\n"), "{table}");
        assert!(table.ends_with("total          2.0\n"), "{table}");
    }
}
