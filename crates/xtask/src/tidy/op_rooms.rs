//! Every op of the table that has a derivative has a room in `gradus-autograd`.
//!
//! Whether the derivative is right is the business of that crate's registry test; this check tells
//! where the missing file belongs before the crate compiles.

use super::fault::Fault;
use super::source::Source;
use super::tokens::Token;
use super::tree::Tree;
use crate::ops::{Derivative, TABLE, rows};

const ROOMS: &str = "crates/gradus-autograd/src/ops/";

/// Reports rows marked `Checked` that no file of the ops' folder speaks of.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(table) = tree.sources.iter().find(|source| source.path == TABLE) else {
        return vec![Fault::new(TABLE, 1, "no op table, expected it here")];
    };
    let rooms: Vec<&Source> =
        tree.sources.iter().filter(|source| source.path.starts_with(ROOMS)).collect();
    missing(table, &rooms)
}

fn missing(table: &Source, rooms: &[&Source]) -> Vec<Fault> {
    let rows = differentiable(table);
    if rows.is_empty() {
        return vec![Fault::new(&table.path, 1, "no row ends in `Checked`, expected some")];
    }
    let homeless = rows.into_iter().filter(|(_, op)| !rooms.iter().any(|room| holds(room, op)));
    homeless
        .map(|(line, op)| {
            let message = format!("op `{op}` has no derivative, expected one in {ROOMS}{op}.rs");
            Fault::new(&table.path, line, message)
        })
        .collect()
}

/// Lines and names of the rows marked `Checked`.
fn differentiable(table: &Source) -> Vec<(usize, String)> {
    let checked = rows(table).into_iter().filter(|row| row.derivative == Derivative::Checked);
    checked.map(|row| (row.line, row.name)).collect()
}

/// Whether the file is named after the op, defines a function of its name, or names it in a string,
/// as a macro that stamps derivatives does.
fn holds(room: &Source, op: &str) -> bool {
    let tokens: Vec<&Token> =
        room.tokens.iter().filter(|token| !room.is_test_line(token.start.line)).collect();
    room.path.ends_with(&format!("/{op}.rs"))
        || tokens.iter().any(|token| literal(token) == Some(op))
        || tokens.windows(2).any(|pair| pair[0].text == "fn" && pair[1].text == op)
}

/// The inside of a plain string literal.
fn literal(token: &Token) -> Option<&str> {
    token.text.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = r#"
        ops! { Exp "exp" "eˣ" Checked, Eq "eq" "a = b" Refused, }
        const O: &[R] = &[row("mean", Reduce, "Σ x / n", Checked), row("any", Reduce, "", Refused)];
    "#;

    fn faults(path: &str, room: &str) -> Vec<String> {
        let table = Source::parse(TABLE, "gradus-core", ROWS).unwrap();
        let room = Source::parse(&format!("{ROOMS}{path}"), "gradus-autograd", room).unwrap();
        missing(&table, &[&room]).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn differentiable_rows_of_both_forms_are_read() {
        let table = Source::parse(TABLE, "gradus-core", ROWS).unwrap();
        assert_eq!(differentiable(&table), [(2, "exp".to_owned()), (3, "mean".to_owned())]);
    }

    #[test]
    fn an_op_without_a_room_fails() {
        let faults = faults("exp.rs", "fn forward() {}");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("op `mean`"), "{}", faults[0]);
    }

    #[test]
    fn a_room_is_known_by_its_name_a_function_or_a_string() {
        assert!(faults("exp.rs", "fn mean() {}").is_empty());
        assert!(faults("a.rs", "stamp!(\"exp\", \"mean\");").is_empty());
    }

    #[test]
    fn a_test_is_no_room() {
        assert_eq!(faults("exp.rs", "#[cfg(test)] mod tests { fn mean() {} }").len(), 1);
    }
}
