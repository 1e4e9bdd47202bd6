//! Columns that grow.

use std::collections::BTreeMap;

use super::table::{Column, Table, Values};

/// What the fields of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Decimal numbers.
    Number,
    /// One of few names; the distinct names are collected and sorted.
    Category,
    /// Any text.
    Text,
}

/// What becomes of a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// It is an error.
    #[default]
    Error,
    /// A number becomes NaN (see [`crate::Imputer`]). Where a format has missing categories and
    /// texts, they become the empty text.
    Nan,
}

/// Names and kinds, as users give them.
pub(super) fn declared<S: Into<String>>(
    columns: impl IntoIterator<Item = (S, ColumnKind)>,
) -> Vec<(String, ColumnKind)> {
    columns.into_iter().map(|(name, kind)| (name.into(), kind)).collect()
}

/// A column that grows.
pub(super) enum Builder {
    Numbers(Vec<f64>),
    /// Codes are given as categories come, and put in order at the end.
    Categories {
        rows: Vec<usize>,
        codes: BTreeMap<String, usize>,
    },
    Texts(Vec<String>),
}

impl Builder {
    pub(super) const fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Number => Self::Numbers(Vec::new()),
            ColumnKind::Category => Self::Categories { rows: Vec::new(), codes: BTreeMap::new() },
            ColumnKind::Text => Self::Texts(Vec::new()),
        }
    }

    /// Adds to a column of categories or texts.
    pub(super) fn push_text(&mut self, text: &str) {
        match self {
            Self::Categories { rows, codes } => match codes.get(text) {
                Some(&first_seen) => rows.push(first_seen),
                None => {
                    rows.push(codes.len());
                    codes.insert(text.to_owned(), codes.len());
                }
            },
            Self::Texts(texts) => texts.push(text.to_owned()),
            Self::Numbers(_) => debug_assert!(false, "a text was added to a column of numbers"),
        }
    }

    fn finish(self) -> Values {
        match self {
            Self::Numbers(values) => Values::Numbers(values),
            Self::Texts(texts) => Values::Texts(texts),
            Self::Categories { rows, codes } => {
                let mut rank = vec![0; codes.len()];
                for (position, &first_seen) in codes.values().enumerate() {
                    rank[first_seen] = position as i64;
                }
                let codes_of_rows = rows.into_iter().map(|first_seen| rank[first_seen]).collect();
                Values::Categories { codes: codes_of_rows, names: codes.into_keys().collect() }
            }
        }
    }
}

/// Columns as they were declared, with what was read into them.
pub(super) fn table(
    source: String,
    declared: &[(String, ColumnKind)],
    columns: Vec<Builder>,
    n_rows: usize,
) -> Table {
    let finish = |((name, _), column): (&(String, _), Builder)| Column {
        name: name.clone(),
        values: column.finish(),
    };
    let columns = declared.iter().zip(columns).map(finish).collect();
    Table { source, columns, n_rows }
}
