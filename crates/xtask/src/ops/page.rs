//! The text of `docs/ops.md`.

use std::fmt::Write as _;

use super::docs::{self, OpDocs};
use super::table::{self, Derivative, Row, TABLE};
use crate::tidy::{Fault, Source, Tree};

/// Where the page is.
pub(crate) const PAGE: &str = "docs/ops.md";

/// Where an op's docs are: those of its method of `Var`, or of `Tensor` if it has no derivative.
const ROOMS: [&str; 2] = ["crates/gradus-autograd/src/ops/", "crates/gradus-tensor/src/"];

const HEAD: &str = "\
# The ops

Made by `cargo xtask ops` from the op table and the docs of the ops; `cargo xtask tidy` fails if it is stale.

A name is that of the methods of `Tensor` and `Var`; an op without derivatives may be one of `Tensor` alone. Each derivative listed is compared with
finite differences on random shapes by the tests of `gradus-autograd`; derivatives are themselves made of ops, so those of higher order follow the same
rules.

Floats are f32, f64 and bf16; numbers are these, i64 and u8; any is every dtype. Masks are bool and indices i64, besides.
";

const KINDS: [(&str, &str); 8] = [
    ("Unary", "One operand, element by element"),
    ("Binary", "Two operands, element by element"),
    ("Compare", "Comparisons and logic"),
    ("Reduce", "Reductions and scans"),
    ("Shape", "Shape and order"),
    ("Index", "Indices and masks"),
    ("Linalg", "Linear algebra"),
    ("Nn", "Pieces of networks"),
];

/// The page, or what is missing for it.
pub(crate) fn page(tree: &Tree) -> Result<String, Vec<Fault>> {
    let Some(table) = tree.sources.iter().find(|source| source.path == TABLE) else {
        return Err(vec![Fault::new(TABLE, 1, "no op table, expected it here")]);
    };
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for row in table::rows(table) {
        match docs_of(&row, tree) {
            Some(docs) => found.push((row, docs)),
            None => faults.push(undocumented(&row)),
        }
    }
    faults.extend(found.iter().filter_map(|(row, _)| {
        let is_known = KINDS.iter().any(|(kind, _)| *kind == row.kind);
        let message = format!("kind `{}` has no heading on {PAGE}", row.kind);
        (!is_known).then(|| Fault::new(TABLE, row.line, message))
    }));
    if faults.is_empty() { Ok(text(&found)) } else { Err(faults) }
}

fn docs_of(row: &Row, tree: &Tree) -> Option<OpDocs> {
    let in_room = |room: &&str| {
        let files = |source: &&Source| source.path.starts_with(*room);
        docs::find(&row.name, tree.sources.iter().filter(files))
    };
    ROOMS.iter().find_map(in_room)
}

fn undocumented(row: &Row) -> Fault {
    let (name, room) = (&row.name, ROOMS[usize::from(row.derivative == Derivative::Refused)]);
    let message = format!("the docs of op `{name}` in {room} have no section `# PyTorch`");
    Fault::new(TABLE, row.line, message)
}

fn text(ops: &[(Row, OpDocs)]) -> String {
    let mut text = HEAD.to_owned();
    for (kind, heading) in KINDS {
        let mut of_kind = ops.iter().filter(|(row, _)| row.kind == kind).peekable();
        if of_kind.peek().is_none() {
            continue;
        }
        let columns = "| op | formula | dtypes | derivatives | PyTorch |\n|---|---|---|---|---|";
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n## {heading}\n\n{columns}");
        for (row, docs) in of_kind {
            let _ = writeln!(text, "{}", line(row, docs));
        }
    }
    text
}

fn line(row: &Row, docs: &OpDocs) -> String {
    let derivatives = match row.derivative {
        Derivative::Checked => "1st, 2nd",
        Derivative::Refused => "none",
    };
    let cells =
        [&format!("`{}`", row.name), &row.formula, &docs.dtypes, derivatives, &docs.pytorch];
    let cells: Vec<String> = cells.map(|cell: &str| cell.replace('|', "\\|")).into();
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE_TEXT: &str =
        r#"UnaryOp { Abs "abs" "|x|" Checked, } row("any", Reduce, "one", Refused)"#;

    fn tree(op: &str) -> Tree {
        let abs = "/// # PyTorch\n/// `torch.abs`\npub fn abs() {}";
        let source = |path: &str, text: &str| Source::parse(path, "x", text).unwrap();
        let table = format!("m! {{ {TABLE_TEXT} }}");
        let sources = vec![
            source(TABLE, &table),
            source(&format!("{}abs.rs", ROOMS[0]), abs),
            source(&format!("{}any.rs", ROOMS[1]), op),
        ];
        Tree { sources, pages: Vec::new() }
    }

    #[test]
    fn every_op_has_a_line_under_its_family() {
        let page =
            page(&tree("/// # Dtypes\n/// bool\n/// # PyTorch\n/// `torch.any`\npub fn any() {}"));
        let page = page.unwrap();
        assert!(page.contains("| `abs` | \\|x\\| | floats | 1st, 2nd | `torch.abs` |"), "{page}");
        let reductions = page.split("## Reductions").nth(1).unwrap();
        assert!(reductions.contains("| `any` | one | bool | none | `torch.any` |"), "{page}");
    }

    #[test]
    fn an_op_whose_docs_do_not_name_pytorch_fails() {
        let faults = page(&tree("/// Whether one is true.\npub fn any() {}")).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("op `any` in crates/gradus-tensor"), "{}", faults[0]);
    }
}
