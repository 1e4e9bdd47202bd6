//! Input and output have their rooms: files, readers, the training log, examples.

use super::fault::Fault;
use super::source::Source;
use super::tokens::{self, Token};

/// Crates that read and write nothing. `gradus-cpu` and `gradus-autograd` may read the environment: see [`allowed`].
const SILENT: [&str; 10] = [
    "gradus",
    "gradus-core",
    "gradus-cpu",
    "gradus-tensor",
    "gradus-autograd",
    "gradus-nn",
    "gradus-nn-derive",
    "gradus-optim",
    "gradus-generate",
    "gradus-models",
];
const MODULES: [&str; 5] = ["env", "fs", "io", "net", "process"];
const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// Reports modules of std and macros that do input or output, in crates that are to be silent.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    if !SILENT.contains(&source.package.as_str()) {
        return Vec::new();
    }
    let mut found = modules(&source.tokens);
    found.extend(macros(&source.tokens));
    found
        .into_iter()
        .filter(|(line, name)| !source.is_test_line(*line) && !allowed(&source.package, name))
        .map(|(line, name)| {
            let package = &source.package;
            let rooms = "gradus-io, gradus-data, gradus-train or an example";
            let message = format!("`{name}` in {package}, expected only in {rooms}");
            Fault::new(&source.path, line, message)
        })
        .collect()
}

/// The kernels have variables for their level, threads and memory; one asks for a watch for NaN.
fn allowed(package: &str, name: &str) -> bool {
    matches!(package, "gradus-cpu" | "gradus-autograd") && name == "std::env"
}

/// `std::fs` in a path, and `fs` directly inside the braces of `use std::{…}`.
fn modules(tokens: &[Token]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut push = |token: &Token| {
        if MODULES.contains(&token.text.as_str()) {
            found.push((token.start.line, format!("std::{}", token.text)));
        }
    };
    for at in tokens::find(tokens, &["std", ":", ":"]) {
        let next = at + 3;
        match tokens.get(next) {
            Some(brace) if brace.text == "{" => entries(tokens, next).for_each(&mut push),
            Some(name) => push(name),
            None => {}
        }
    }
    found
}

/// The first token of every entry of the list that opens at `open`.
fn entries(tokens: &[Token], open: usize) -> impl Iterator<Item = &Token> {
    let mut depth = 0_usize;
    let mut first = false;
    tokens[open..tokens::closing(tokens, open)].iter().filter(move |token| {
        let starts = first && depth == 1;
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        first = depth == 1 && matches!(token.text.as_str(), "{" | ",");
        starts
    })
}

fn macros(tokens: &[Token]) -> Vec<(usize, String)> {
    tokens
        .windows(2)
        .filter(|pair| pair[1].text == "!" && MACROS.contains(&pair[0].text.as_str()))
        .map(|pair| (pair[0].start.line, format!("{}!", pair[0].text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(package: &str, text: &str) -> Vec<String> {
        let source = Source::parse("crates/x/src/a.rs", package, text).unwrap();
        check(&source).into_iter().map(|f| f.message.split('`').nth(1).unwrap().into()).collect()
    }

    #[test]
    fn a_path_to_files_fails_in_a_silent_crate_only() {
        let text = "fn f() { std::fs::read(p); }";
        assert_eq!(names("gradus-nn", text), ["std::fs"]);
        assert!(names("gradus-io", text).is_empty());
        assert!(names("gradus-train", text).is_empty());
    }

    #[test]
    fn grouped_imports_are_read() {
        let text = "use std::{fmt, fs::{self, File}, io, collections::{env, fs}};";
        assert_eq!(names("gradus-core", text), ["std::fs", "std::io"]);
    }

    #[test]
    fn printing_fails() {
        let text = "fn f() { println!(\"x\"); assert!({ dbg!(1); true }); }";
        assert_eq!(names("gradus-optim", text), ["println!", "dbg!"]);
    }

    #[test]
    fn kernels_may_read_the_environment_and_nothing_else() {
        assert!(names("gradus-cpu", "use std::env;").is_empty());
        assert_eq!(names("gradus-tensor", "use std::env;"), ["std::env"]);
        assert_eq!(names("gradus-cpu", "use std::fs;"), ["std::fs"]);
    }

    #[test]
    fn tests_and_doc_examples_may_print() {
        let text = "//! `println!`\n/// println!(\"x\");\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert!(names("gradus-core", text).is_empty());
    }
}
