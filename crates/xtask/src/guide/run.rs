//! Runs the experiments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::compare::{faults, updated};
use super::figures::{Figures, TABLE, parse, printed, write};

/// What becomes of a figure that differs from the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is a fault.
    Check,
    /// It replaces that of the table.
    Update,
}

const PICTURES: &str = "docs/guide/pictures";
const FOLDER: &str = "examples/experiments";
/// Examples elsewhere that are experiments too.
const ELSEWHERE: [&str; 1] = ["optimizer_table"];

/// Runs the experiments of these names, or all; draws their pictures and compares their figures.
pub(crate) fn run(root: &Path, mode: Mode, names: &[&str]) -> Result<()> {
    let all = experiments(root)?;
    for name in names {
        ensure!(
            all.iter().any(|one| one == name),
            "no experiment `{name}`, expected one of {all:?}"
        );
    }
    let chosen: Vec<String> =
        all.into_iter().filter(|one| names.is_empty() || names.contains(&one.as_str())).collect();
    build(root, &chosen)?;
    let mut found = Figures::new();
    for name in &chosen {
        let began = Instant::now();
        let figures = printed(name, &stdout(root, name)?)?;
        println!("{name:<18} {:>6.1} s  {} figures", began.elapsed().as_secs_f64(), figures.len());
        found.extend(figures);
    }

    let path = root.join(TABLE);
    let table = match fs::read_to_string(&path) {
        Ok(text) => parse(&text)?,
        Err(_) if mode == Mode::Update => BTreeMap::new(),
        Err(error) => return Err(error).context(TABLE),
    };
    let faults = faults(&table, &found, &chosen);
    for fault in &faults {
        println!("{fault}");
    }
    match mode {
        Mode::Update => {
            fs::write(&path, write(&updated(&table, &found, &chosen))).context(TABLE)?;
            println!("guide: {TABLE} rewritten, {} figures were not as it said", faults.len());
        }
        Mode::Check if faults.is_empty() => {
            println!("guide: {} figures as in {TABLE}", found.len());
        }
        Mode::Check => bail!("{} figures are not as in {TABLE}", faults.len()),
    }
    Ok(())
}

/// The names of all experiments.
fn experiments(root: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = ELSEWHERE.map(str::to_owned).into();
    for entry in fs::read_dir(root.join(FOLDER)).context(FOLDER)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

fn cargo(root: &Path, what: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).args([what, "--quiet", "--release", "-p", "gradus-examples"]);
    command
}

/// Builds all at once, so that the seconds of a run are its own.
fn build(root: &Path, names: &[String]) -> Result<()> {
    let mut command = cargo(root, "build");
    for name in names {
        command.args(["--example", name]);
    }
    ensure!(command.status().context("start cargo")?.success(), "the experiments do not build");
    Ok(())
}

/// What an experiment prints; its pictures go to the guide.
fn stdout(root: &Path, name: &str) -> Result<String> {
    let mut command = cargo(root, "run");
    command.args(["--example", name, "--", "--json", "--out", PICTURES]);
    let output = command.stderr(Stdio::inherit()).output().context("start cargo")?;
    ensure!(output.status.success(), "{name} failed ({})", output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed no text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_is_an_example_of_its_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let manifest = fs::read_to_string(root.join("examples/Cargo.toml")).unwrap();
        let names = experiments(&root).unwrap();
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(manifest.contains(&format!("[[example]]\nname = \"{name}\"\n")), "{name}");
        }
    }
}
