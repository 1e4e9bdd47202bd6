//! JSON lines: one object in each line.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::builder::{Builder, ColumnKind, Missing, declared, table};
use super::chunks::{Chunks, Rows};
use super::open::{io_error, open};
use super::table::Table;
use crate::{Error, Result};

/// How JSON lines are read as a table: the declared keys of each object become columns, others are
/// left out.
///
/// A number column takes numbers. A category column takes strings, and numbers, `true` and `false`
/// as they are written. A text column takes strings. A key that is absent or `null` is missing. Empty
/// lines are skipped.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use gradus_data::{ColumnKind, JsonLinesConfig, Missing};
/// let columns = [("text", ColumnKind::Text), ("stars", ColumnKind::Number)];
/// let config = JsonLinesConfig { missing: Missing::Nan, ..JsonLinesConfig::new(columns) };
/// let lines = "{\"text\": \"fine\", \"stars\": 4}\n{\"text\": \"well\", \"stars\": null}\n";
/// let table = config.parse(lines.as_bytes(), Path::new("reviews.jsonl"))?;
/// assert_eq!(table.texts("text")?, ["fine", "well"]);
///
/// let bad = config.parse(b"{\"text\": 7}", Path::new("reviews.jsonl")).unwrap_err();
/// let expected = "reviews.jsonl, line 1, column \"text\": expected a string, got \"7\"";
/// assert_eq!(bad.to_string(), expected);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLinesConfig {
    /// The keys to read, and what their values are.
    pub columns: Vec<(String, ColumnKind)>,
    /// What becomes of a missing value.
    pub missing: Missing,
}

impl JsonLinesConfig {
    /// These columns, and no missing value.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, ColumnKind)>) -> Self {
        Self { columns: declared(columns), missing: Missing::default() }
    }

    /// Reads a file, plain or compressed with gzip (told by its first bytes, not its name).
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::Line`] for a line that is not a JSON
    /// object; [`Error::Field`] with line and column if a value is not as declared.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        JsonRows::new(self, open(path)?, path).next_rows(usize::MAX)
    }

    /// Reads from memory; `path` is named in errors.
    ///
    /// # Errors
    /// Those of [`JsonLinesConfig::read`].
    pub fn parse(&self, bytes: &[u8], path: &Path) -> Result<Table> {
        JsonRows::new(self, bytes, path).next_rows(usize::MAX)
    }

    /// Reads a file in tables of `n_rows` rows, with one of them in memory.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be opened; the others come with their chunk.
    pub fn chunks(&self, path: impl AsRef<Path>, n_rows: usize) -> Result<Chunks> {
        let path = path.as_ref();
        Ok(Chunks::new(JsonRows::new(self, open(path)?, path), n_rows))
    }
}

struct JsonRows<R> {
    config: JsonLinesConfig,
    path: PathBuf,
    input: R,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> JsonRows<R> {
    fn new(config: &JsonLinesConfig, input: R, path: &Path) -> Self {
        let (config, path) = (config.clone(), path.to_owned());
        Self { config, path, input, line: 0, buffer: Vec::new() }
    }

    /// The next object; none at the end.
    fn object(&mut self) -> Result<Option<Map<String, Value>>> {
        loop {
            self.buffer.clear();
            let read = self.input.read_until(b'\n', &mut self.buffer);
            if read.map_err(|e| io_error(&self.path, e))? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if self.buffer.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return serde_json::from_slice(&self.buffer).map(Some).map_err(|error| {
                // Its own line is always 1.
                let text = error.to_string();
                let reason = text.split(" at line ").next().unwrap_or(&text);
                let got = format!("{reason} (at byte {})", error.column());
                let (path, line, expected) = (self.path.clone(), self.line, "a JSON object");
                Error::Line { path, line, expected, got }
            });
        }
    }

    fn add(&self, column: &mut Builder, name: &str, value: Option<&Value>) -> Result<()> {
        let value = value.unwrap_or(&Value::Null);
        let may_lack = self.config.missing == Missing::Nan;
        let expected = match (column, value) {
            (Builder::Numbers(values), Value::Null) if may_lack => {
                values.push(f64::NAN);
                return Ok(());
            }
            (column, Value::Null) if may_lack => {
                column.push_text("");
                return Ok(());
            }
            (Builder::Numbers(values), value) => match value.as_f64() {
                Some(number) => {
                    values.push(number);
                    return Ok(());
                }
                None => "a number",
            },
            (column, Value::String(text)) => {
                column.push_text(text);
                return Ok(());
            }
            (column @ Builder::Categories { .. }, Value::Number(_) | Value::Bool(_)) => {
                column.push_text(&value.to_string());
                return Ok(());
            }
            (Builder::Categories { .. }, _) => "a string, a number, true or false",
            (Builder::Texts(_), _) => "a string",
        };
        let (path, line, column) = (self.path.clone(), self.line, name.to_owned());
        Err(Error::Field { path, line, column, expected, got: value.to_string() })
    }
}

impl<R: BufRead> Rows for JsonRows<R> {
    fn next_rows(&mut self, limit: usize) -> Result<Table> {
        let kinds = self.config.columns.iter().map(|c| c.1);
        let mut columns: Vec<Builder> = kinds.map(Builder::new).collect();
        let mut n_rows = 0;
        while n_rows < limit
            && let Some(object) = self.object()?
        {
            for (column, (name, _)) in columns.iter_mut().zip(&self.config.columns) {
                self.add(column, name, object.get(name))?;
            }
            n_rows += 1;
        }
        Ok(table(self.path.display().to_string(), &self.config.columns, columns, n_rows))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;

    fn config() -> JsonLinesConfig {
        JsonLinesConfig::new([
            ("x", ColumnKind::Number),
            ("kind", ColumnKind::Category),
            ("note", ColumnKind::Text),
        ])
    }

    fn parse(config: &JsonLinesConfig, text: &str) -> Result<Table> {
        config.parse(text.as_bytes(), Path::new("t.jsonl"))
    }

    #[test]
    fn keys_become_typed_columns() {
        let text = "{\"x\": 1.5, \"kind\": \"b\", \"note\": \"床\\n\", \"more\": [1]}\r\n\n \
                    {\"note\": \"\", \"kind\": true, \"x\": -2e3}";
        let table = parse(&config(), text).unwrap();
        let x = table.numbers(&["x"], DType::F64).unwrap();
        assert_eq!(x.to_vec::<f64>().unwrap(), [1.5, -2000.0]);
        assert_eq!(table.strings("kind").unwrap(), ["b", "true"]);
        assert_eq!(table.texts("note").unwrap(), ["床\n", ""]);
        assert_eq!(parse(&config(), "").unwrap().n_rows(), 0);
    }

    #[test]
    fn errors_name_line_column_and_expectation() {
        let message = |text: &str| parse(&config(), text).unwrap_err().to_string();
        let good = "{\"x\": 1, \"kind\": \"a\", \"note\": \"n\"}\n";
        assert_eq!(
            message(&format!("{good}\n{{\"x\": \"1\"}}")),
            "t.jsonl, line 3, column \"x\": expected a number, got \"\\\"1\\\"\""
        );
        assert!(message("{}").contains("column \"x\": expected a number, got \"null\""));
        assert!(message("{\"x\": 1, \"kind\": [2]}").contains("expected a string, a number"));
        assert_eq!(
            message(&format!("{good}{{\"x\": 1")),
            "t.jsonl, line 2: expected a JSON object, got EOF while parsing an object (at byte 7)"
        );
        for bad in ["[1]", "7", "{\"x\": 1e999}", "{} {}", "\u{feff}{}"] {
            assert!(message(bad).contains("expected a JSON object"), "{bad}");
        }
        let latin1 = config().parse(b"{\"x\": \"caf\xe9\"}", Path::new("t")).unwrap_err();
        assert!(latin1.to_string().contains("line 1: expected a JSON object"), "{latin1}");
    }

    #[test]
    fn missing_values_can_become_nan_and_empty() {
        let config = JsonLinesConfig { missing: Missing::Nan, ..config() };
        let table = parse(&config, "{\"x\": null}\n{\"x\": 1, \"kind\": \"a\"}").unwrap();
        let x: Vec<f64> = table.numbers(&["x"], DType::F64).unwrap().to_vec().unwrap();
        assert!(x[0].is_nan() && x[1] == 1.0);
        assert_eq!(table.strings("kind").unwrap(), ["", "a"]);
        assert_eq!(table.strings("note").unwrap(), ["", ""]);
    }

    #[test]
    fn chunks_are_the_table_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.jsonl");
        let lines: String = (0..10).map(|i| format!("{{\"x\": {i}}}\n")).collect();
        std::fs::write(&path, lines + "{\n").unwrap();
        let config = JsonLinesConfig::new([("x", ColumnKind::Number)]);
        let chunks: Vec<_> = config.chunks(&path, 4).unwrap().collect();
        assert_eq!(chunks.len(), 3);
        assert_eq!(chunks[1].as_ref().unwrap().n_rows(), 4);
        assert!(chunks[2].as_ref().unwrap_err().to_string().contains("line 11"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _unused = config().parse(&bytes, Path::new("t.jsonl"));
        }

        #[test]
        fn numbers_come_back_exactly(values in prop::collection::vec(-1e300f64..1e300, 0..30)) {
            let lines: String = values.iter().map(|v| format!("{{\"x\": {v:e}}}\n")).collect();
            let table = parse(&JsonLinesConfig::new([("x", ColumnKind::Number)]), &lines).unwrap();
            prop_assert_eq!(&table.columns()[0].values, &crate::Values::Numbers(values));
        }
    }
}
