//! The methods of `Var`, as the source has them.

use std::fs;
use std::path::Path;

use gradus_core::OPS;

/// Ops given as a value, which dispatch to methods with rows.
const GENERIC: [&str; 4] = ["unary", "binary", "binary_scalar", "compare"];

/// Forms of an op under another name: the row is that of the stem.
const SUFFIXES: [&str; 3] = ["_keepdim", "_scalar", "_with"];

/// What `compare.rs` stamps for the rows of `CompareOp`.
const STAMPED: [&str; 2] = ["$op", "$op_scalar"];

/// Public methods in the files of ops, in order of files and lines.
pub(crate) fn methods() -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files.iter().flat_map(|file| methods_of(&fs::read_to_string(file).unwrap())).collect()
}

/// The public methods of one file.
pub(crate) fn methods_of(source: &str) -> Vec<String> {
    let lines = source.lines();
    lines.filter_map(|line| line.trim_start().strip_prefix("pub fn ")).map(name).collect()
}

fn name(signature: &str) -> String {
    signature.chars().take_while(|c| !matches!(c, '(' | '<')).collect()
}

pub(crate) fn without_a_row(methods: Vec<String>) -> Vec<String> {
    methods.into_iter().filter(|method| !has_row(method)).collect()
}

fn has_row(method: &str) -> bool {
    let stem = SUFFIXES.iter().find_map(|suffix| method.strip_suffix(suffix)).unwrap_or(method);
    GENERIC.contains(&method)
        || STAMPED.contains(&method)
        || OPS.iter().any(|op| op.name == method || op.name == stem)
}
