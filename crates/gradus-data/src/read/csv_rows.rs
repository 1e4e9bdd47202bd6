//! The rows of a table of separated values.

use std::io::Read;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::builder::{Builder, ColumnKind, Missing, table};
use super::chunks::Rows;
use super::csv::{CsvConfig, Header, Quoting};
use super::line_ends::LineEnds;
use super::open::io_error;
use super::table::Table;
use crate::{Error, Result};

/// A table in the midst of being read.
pub(super) struct CsvRows<R> {
    config: CsvConfig,
    path: PathBuf,
    reader: Reader<LineEnds<R>>,
    record: ByteRecord,
    /// Where each declared column is in a record.
    places: Vec<usize>,
    n_fields: usize,
}

impl<R: Read> CsvRows<R> {
    /// Reads the header, if there is one.
    pub(super) fn new(config: CsvConfig, input: R, path: &Path) -> Result<Self> {
        let reader = ReaderBuilder::new()
            .delimiter(config.delimiter)
            .quoting(config.quoting == Quoting::Double)
            .has_headers(false)
            .flexible(true)
            .from_reader(LineEnds::new(input));
        let n_fields = config.columns.len();
        let (path, record) = (path.to_owned(), ByteRecord::new());
        let places = (0..n_fields).collect();
        let mut rows = Self { config, path, reader, record, places, n_fields };
        if rows.config.header == Header::Names {
            rows.next_record()?;
            rows.places = rows.find_columns()?;
            rows.n_fields = rows.record.len();
        }
        Ok(rows)
    }

    fn next_record(&mut self) -> Result<bool> {
        let read = self.reader.read_byte_record(&mut self.record);
        let read = read.map_err(|e| io_error(&self.path, e.into()))?;
        // Forgets the ends of lines before.
        self.line();
        Ok(read)
    }

    /// The line on which the record starts. The reader's own count stands before the line ends
    /// and empty lines that precede the record.
    fn line(&mut self) -> u64 {
        let start = self.record.position().map_or(0, csv::Position::byte);
        self.reader.get_mut().line(start)
    }

    /// Where each column is, by the names in the first line.
    fn find_columns(&mut self) -> Result<Vec<usize>> {
        let names: Vec<String> =
            self.record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let mut found = Vec::with_capacity(self.config.columns.len());
        for (name, _) in self.config.columns.clone() {
            let mut places = (0..names.len()).filter(|&i| names[i] == name);
            match (places.next(), places.next()) {
                (Some(place), None) => found.push(place),
                (Some(_), Some(_)) => {
                    return Err(self.field(&name, "a name that occurs once", &name));
                }
                (None, _) => {
                    let table = self.path.display().to_string();
                    let (expected, columns) = ("such", names);
                    return Err(Error::NoColumn { table, column: name, expected, columns });
                }
            }
        }
        Ok(found)
    }

    /// Adds a field of the record to its column.
    fn add_field(&mut self, column: &mut Builder, i: usize) -> Result<()> {
        let name = &self.config.columns[i].0;
        let field = self.record.get(self.places[i]).unwrap_or_default();
        let wrong = match (str::from_utf8(field), column) {
            (Err(_), _) => "UTF-8",
            (Ok(field), Builder::Numbers(values)) => match self.number(field.trim()) {
                Some(number) => {
                    values.push(number);
                    return Ok(());
                }
                None => "a number",
            },
            (Ok(field), column) => {
                column.push_text(field);
                return Ok(());
            }
        };
        let (name, field) = (name.clone(), String::from_utf8_lossy(field).into_owned());
        Err(self.field(&name, wrong, &field))
    }

    fn number(&self, field: &str) -> Option<f64> {
        if self.config.missing_marks.iter().any(|mark| mark == field) {
            return (self.config.missing == Missing::Nan).then_some(f64::NAN);
        }
        field.parse().ok().filter(|v: &f64| v.is_finite())
    }

    fn field(&mut self, column: &str, expected: &'static str, got: &str) -> Error {
        let (path, line) = (self.path.clone(), self.line());
        Error::Field { path, line, column: column.to_owned(), expected, got: got.to_owned() }
    }
}

impl<R: Read> Rows for CsvRows<R> {
    fn next_rows(&mut self, limit: usize) -> Result<Table> {
        let kinds = self.config.columns.iter().map(|c: &(String, ColumnKind)| c.1);
        let mut columns: Vec<Builder> = kinds.map(Builder::new).collect();
        let mut n_rows = 0;
        while n_rows < limit && self.next_record()? {
            let (expected, got) = (self.n_fields, self.record.len());
            if got != expected {
                let (path, line) = (self.path.clone(), self.line());
                return Err(Error::FieldCount { path, line, expected, got });
            }
            for (i, column) in columns.iter_mut().enumerate() {
                self.add_field(column, i)?;
            }
            n_rows += 1;
        }
        Ok(table(self.path.display().to_string(), &self.config.columns, columns, n_rows))
    }
}
