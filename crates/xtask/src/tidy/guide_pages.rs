//! The guide tells every part of the subject, in two languages, and all that it tells runs.
//!
//! That its links and pictures exist is checked with all other links.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::fault::Fault;
use super::tree::Page;

const INDEX: &str = "docs/guide/README.md";
const LANGUAGES: [&str; 2] = ["docs/guide/en/", "docs/guide/zh/"];
/// How many parts the subject has.
const PARTS: usize = 26;
/// What stands before the name of an example in a command.
const EXAMPLE: &str = "--example ";

/// Reports a part of the subject without a page or a command, pages in which the languages differ, and
/// commands that name no example.
pub(crate) fn check(root: &Path, pages: &[Page]) -> Vec<Fault> {
    let manifest = fs::read_to_string(root.join("examples/Cargo.toml")).unwrap_or_default();
    let mut faults = unknown_examples(pages, &examples(&manifest));
    let guide: BTreeMap<&str, &str> = pages
        .iter()
        .filter(|page| page.path.starts_with("docs/guide/"))
        .map(|page| (page.path.as_str(), page.text.as_str()))
        .collect();
    faults.extend(check_table(guide.get(INDEX).unwrap_or(&"")));
    let [ours, theirs] = LANGUAGES;
    for (from, to) in [(ours, theirs), (theirs, ours)] {
        for (path, text) in guide.iter().filter(|(path, _)| path.starts_with(from)) {
            let other = path.replacen(from, to, 1);
            faults.extend(check_twin(path, text, &other, guide.get(other.as_str()).copied()));
        }
    }
    faults
}

/// The names that the manifest gives its examples.
fn examples(manifest: &str) -> BTreeSet<&str> {
    let tables = manifest.split("[[example]]").skip(1);
    tables.filter_map(|table| table.split("name = \"").nth(1)?.split('"').next()).collect()
}

fn unknown_examples(pages: &[Page], known: &BTreeSet<&str>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for page in pages {
        for (index, line) in page.text.lines().enumerate() {
            for (_, rest) in line.match_indices(EXAMPLE).map(|(at, _)| line.split_at(at)) {
                let name: String = rest[EXAMPLE.len()..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                // `--example NAME` stands for any of them.
                if name != "NAME" && !known.contains(name.as_str()) {
                    let message = format!("example `{name}`, expected one of examples/Cargo.toml");
                    faults.push(Fault::new(&page.path, index + 1, message));
                }
            }
        }
    }
    faults
}

/// Every part has its row, in order, with a page in each language and a command.
fn check_table(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut found = 0;
    for (index, line) in text.lines().enumerate() {
        let number = line.strip_prefix("| ").and_then(|rest| rest.split(' ').next());
        let Some(number) = number.and_then(|number| number.parse::<usize>().ok()) else { continue };
        found += 1;
        let mut missing = Vec::new();
        if number != found {
            missing.push(format!("number {found}"));
        }
        for needed in ["](en/", "](zh/", EXAMPLE] {
            if !line.contains(needed) {
                missing.push(format!("`{needed}`"));
            }
        }
        if !missing.is_empty() {
            let message = format!("part {number} of the subject lacks {}", missing.join(", "));
            faults.push(Fault::new(INDEX, index + 1, message));
        }
    }
    if found != PARTS {
        let message = format!("{found} parts of the subject have a row, expected {PARTS}");
        faults.push(Fault::new(INDEX, 1, message));
    }
    faults
}

/// A page and its translation run the same commands, print the same and show the same pictures.
fn check_twin(path: &str, text: &str, other: &str, translation: Option<&str>) -> Option<Fault> {
    let Some(translation) = translation else {
        return Some(Fault::new(path, 1, format!("no translation, expected {other}")));
    };
    let (ours, theirs) = (shown(text), shown(translation));
    if !ours.iter().any(|(_, line)| line.contains("cargo run")) {
        return Some(Fault::new(path, 1, "nothing to run, expected a `cargo run` at the end"));
    }
    let same = ours.iter().zip(&theirs).take_while(|(a, b)| a.1 == b.1).count();
    if same == ours.len() && same == theirs.len() {
        return None;
    }
    let line = ours.get(same).map_or(1, |(line, _)| *line);
    Some(Fault::new(path, line, format!("commands, output or pictures differ from {other}")))
}

/// The lines of fenced code and the targets of pictures, with their lines.
fn shown(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut shown = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            shown.push((index + 1, line.to_owned()));
        } else if let Some((_, target)) =
            line.strip_prefix("![").and_then(|rest| rest.split_once("]("))
        {
            shown.push((index + 1, target.to_owned()));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# One\n```sh\ncargo run --release --example a\n```\n![one](../p.svg)\n";

    fn table(rows: std::ops::RangeInclusive<usize>) -> String {
        let row =
            |n| format!("| {n} | part | [a](en/a.md) [a](zh/a.md) | `cargo run --example a` |\n");
        rows.map(row).collect()
    }

    #[test]
    fn every_part_has_a_row_with_pages_and_a_command() {
        assert!(check_table(&table(1..=26)).is_empty());
        assert_eq!(check_table(&table(1..=25)).len(), 1);
        assert_eq!(check_table(&table(1..=26).replace("](zh/", "](fr/")).len(), 26);
        let text = format!("{}{}", table(1..=12), table(14..=26));
        assert!(check_table(&text)[0].message.contains("number 13"));
    }

    #[test]
    fn an_example_that_is_not_in_the_manifest_is_a_fault() {
        let known =
            examples("[[example]]\nname = \"a\"\npath = \"a.rs\"\n[[example]]\nname = \"b\"");
        assert_eq!(known.iter().copied().collect::<Vec<_>>(), ["a", "b"]);
        let page = |text: &str| vec![Page { path: "docs/x.md".into(), text: text.into() }];
        assert!(unknown_examples(&page("`--example a` or `--example NAME`"), &known).is_empty());
        assert_eq!(unknown_examples(&page("\n--example c --json"), &known)[0].line, 2);
    }

    #[test]
    fn languages_show_the_same() {
        let twin =
            |ours: &str, theirs: Option<&str>| check_twin("en/a.md", ours, "zh/a.md", theirs);
        assert_eq!(twin(PAGE, Some(&PAGE.replace("One", "一").replace("[one]", "[一]"))), None);
        assert_eq!(twin(PAGE, None).map(|fault| fault.line), Some(1));
        assert_eq!(twin(PAGE, Some(&PAGE.replace("p.svg", "q.svg"))).map(|f| f.line), Some(5));
        assert_eq!(twin("# One\n", Some("# 一\n")).map(|fault| fault.line), Some(1));
    }
}
