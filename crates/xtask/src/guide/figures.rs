//! The table of figures: what the guide may cite.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// Where the table lies.
pub(crate) const TABLE: &str = "docs/guide/figures.tsv";
const HEADER: &str = "figure\tvalue\ttolerance";
/// What a figure without a value is written as: a step that is never reached.
const NONE: &str = "none";
/// The tolerance of a new figure as a share of its value, until someone chooses another: other
/// processors round otherwise, and what is trained drifts apart.
const NEW_TOLERANCE: f64 = 0.02;

/// Figures by name, `experiment.figure`.
pub(crate) type Figures = BTreeMap<String, Option<f64>>;

/// A figure in the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    /// None if there is none.
    pub(crate) value: Option<f64>,
    /// By how much a run may differ.
    pub(crate) tolerance: f64,
}

impl Entry {
    /// An entry for a figure that is new.
    pub(crate) fn new(value: Option<f64>) -> Self {
        let share = NEW_TOLERANCE * value.unwrap_or(0.0).abs();
        // One digit of a tolerance says enough.
        Self { value, tolerance: format!("{share:.0e}").parse().unwrap_or(share) }
    }

    /// Whether a run may say this. The table has six digits of a value, hence the second bound.
    pub(crate) fn allows(&self, found: Option<f64>) -> bool {
        match (self.value, found) {
            (Some(value), Some(found)) => {
                (found - value).abs() <= self.tolerance.max(1e-5 * value.abs())
            }
            (None, None) => true,
            _ => false,
        }
    }
}

/// Reads the table.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Entry>> {
    let mut lines = text.lines();
    ensure!(lines.next() == Some(HEADER), "{TABLE}: expected the header `{HEADER}`");
    let mut table = BTreeMap::new();
    for (i, line) in lines.enumerate() {
        let place = || format!("{TABLE}:{}", i + 2);
        let [name, value, tolerance] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("{}: expected three columns", place());
        };
        let value = match value {
            NONE => None,
            value => Some(value.parse().with_context(place)?),
        };
        let tolerance: f64 = tolerance.parse().with_context(place)?;
        ensure!(tolerance >= 0.0, "{}: a tolerance is not negative", place());
        let before = table.insert(name.to_owned(), Entry { value, tolerance });
        ensure!(before.is_none(), "{}: `{name}` is there twice", place());
    }
    Ok(table)
}

/// Writes the table, by name.
pub(crate) fn write(table: &BTreeMap<String, Entry>) -> String {
    let mut text = format!("{HEADER}\n");
    for (name, Entry { value, tolerance }) in table {
        let value = value.map_or(NONE.to_owned(), six_digits);
        text += &format!("{name}\t{value}\t{}\n", number(*tolerance));
    }
    text
}

/// The figures in the last line that an experiment prints: one JSON object of numbers.
pub(crate) fn printed(experiment: &str, stdout: &str) -> Result<Figures> {
    let line = stdout.lines().last().with_context(|| format!("{experiment} printed nothing"))?;
    let object: BTreeMap<String, Option<f64>> = serde_json::from_str(line).with_context(|| {
        format!("the last line of {experiment} is no object of numbers: {line}")
    })?;
    Ok(object.into_iter().map(|(name, value)| (format!("{experiment}.{name}"), value)).collect())
}

/// A number with six digits, and no more zeros than it needs.
fn six_digits(value: f64) -> String {
    format!("{value:.5e}").parse().map_or_else(|_| value.to_string(), number)
}

/// A number as people write it: with a power of ten if it is very large or very small.
fn number(value: f64) -> String {
    let is_plain = value == 0.0 || (1e-5..1e9).contains(&value.abs());
    if is_plain { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let table = BTreeMap::from([
            ("a.x".to_owned(), Entry { value: Some(0.188201), tolerance: 1e-6 }),
            ("a.y".to_owned(), Entry { value: None, tolerance: 0.0 }),
            ("b".to_owned(), Entry { value: Some(-36810.0), tolerance: 0.0 }),
        ]);
        assert_eq!(parse(&write(&table)).unwrap(), table);
        let long = BTreeMap::from([("a".to_owned(), Entry::new(Some(2.0 / 3.0)))]);
        assert_eq!(write(&long), "figure\tvalue\ttolerance\na\t0.666667\t0.01\n");
        let tiny =
            BTreeMap::from([("a".to_owned(), Entry { value: Some(4.4e-16), tolerance: 1e-9 })]);
        assert_eq!(write(&tiny), "figure\tvalue\ttolerance\na\t4.4e-16\t1e-9\n");
    }

    #[test]
    fn a_broken_table_names_its_line() {
        for (text, place) in [
            ("figure\tvalue\ttolerance\na\t1\n", "tsv:2"),
            ("figure\tvalue\ttolerance\na\tx\t1\n", "tsv:2"),
            ("figure\tvalue\ttolerance\na\t1\t0\na\t1\t0\n", "tsv:3"),
            ("figure\tvalue\ttolerance\na\t1\t-1\n", "tsv:2"),
            ("name\n", "header"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(place), "{error}");
        }
    }

    #[test]
    fn the_last_line_is_read_and_null_is_no_value() {
        let found = printed("e", "a table\n{\"x\": 1.5, \"y\": null}\n").unwrap();
        assert_eq!(found["e.x"], Some(1.5));
        assert_eq!(found["e.y"], None);
        assert!(printed("e", "a table\n").is_err() && printed("e", "").is_err());
    }

    #[test]
    fn a_figure_may_differ_by_its_tolerance_and_no_more() {
        let entry = Entry { value: Some(10.0), tolerance: 0.5 };
        assert!(entry.allows(Some(10.5)) && entry.allows(Some(9.5)));
        assert!(!entry.allows(Some(10.6)) && !entry.allows(None));
        assert!(!entry.allows(Some(f64::NAN)));
        assert!(!Entry { value: None, tolerance: 9.0 }.allows(Some(0.0)));
    }
}
