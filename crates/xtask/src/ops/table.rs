//! The op table, read from its source.

use crate::tidy::{Source, Token};

/// Where the op table is.
pub(crate) const TABLE: &str = "crates/gradus-core/src/op.rs";

/// The last column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derivative {
    Checked,
    Refused,
}

/// One op of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) name: String,
    /// A variant of `OpKind`.
    pub(crate) kind: String,
    pub(crate) formula: String,
    pub(crate) derivative: Derivative,
}

/// The rows of both forms: `Variant "name" "formula" Checked` in a table of scalar ops, whose name
/// is the kind and `Op`, and `row("name", Kind, "formula", Checked)`.
pub(crate) fn rows(table: &Source) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut kind = String::new();
    for (i, token) in table.tokens.iter().enumerate() {
        let rest = &table.tokens[i..];
        match rest {
            [enum_name, open, ..] if open.text == "{" && enum_name.text.ends_with("Op") => {
                kind = enum_name.text.trim_end_matches("Op").to_owned();
            }
            _ => rows.extend(short(rest, &kind).or_else(|| long(rest))),
        }
        debug_assert!(rows.last().is_none_or(|row| row.line <= token.start.line));
    }
    rows
}

fn short(tokens: &[Token], kind: &str) -> Option<Row> {
    let [name, formula, derivative, ..] = tokens else { return None };
    row(name, kind, formula, derivative)
}

fn long(tokens: &[Token]) -> Option<Row> {
    let [name, first, kind, second, formula, third, derivative, ..] = tokens else { return None };
    let commas = [first, second, third].iter().all(|token| token.text == ",");
    if commas { row(name, &kind.text, formula, derivative) } else { None }
}

fn row(name: &Token, kind: &str, formula: &Token, derivative: &Token) -> Option<Row> {
    let derivative = match derivative.text.as_str() {
        "Checked" => Derivative::Checked,
        "Refused" => Derivative::Refused,
        _ => return None,
    };
    Some(Row {
        line: name.start.line,
        name: literal(name)?.to_owned(),
        kind: kind.to_owned(),
        formula: literal(formula)?.to_owned(),
        derivative,
    })
}

/// The inside of a plain string literal.
fn literal(token: &Token) -> Option<&str> {
    token.text.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_forms_are_read() {
        let text = r#"
            scalar_ops! { UnaryOp { Exp "exp" "eˣ" Checked, } }
            scalar_ops! { CompareOp { Eq "eq" "a = b" Refused, } }
            const O: &[R] = &[row("mean", Reduce, "Σ x / n", Checked), row("any", Reduce, "", Refused)];
        "#;
        let rows = rows(&Source::parse(TABLE, "gradus-core", text).unwrap());
        let short = |row: &Row| format!("{} {} {:?}", row.name, row.kind, row.derivative);
        let expected = [
            "exp Unary Checked",
            "eq Compare Refused",
            "mean Reduce Checked",
            "any Reduce Refused",
        ];
        assert_eq!(rows.iter().map(short).collect::<Vec<_>>(), expected);
        assert_eq!((rows[0].line, rows[2].formula.as_str()), (2, "Σ x / n"));
    }
}
