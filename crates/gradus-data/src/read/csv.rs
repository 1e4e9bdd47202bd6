//! Tables of separated values.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use super::table::{Column, Table, Values};
use crate::{Error, Result};

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

/// Whether the first line names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// It does. Columns are found by name; those that are not asked for are left out.
    #[default]
    Names,
    /// It is data. The configuration names all columns, from left to right.
    Absent,
}

/// What becomes of a missing number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// It is an error.
    #[default]
    Error,
    /// It becomes NaN; see [`crate::Imputer`].
    Nan,
}

/// Whether double quotes can surround a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quoting {
    /// They can, and a doubled quote inside stands for one (RFC 4180).
    #[default]
    Double,
    /// A quote is a character like any other.
    Off,
}

/// How a table is read. Columns and their kinds are declared, not guessed: a stray letter among
/// numbers is then an error with its line rather than a column of another kind.
///
/// # Examples
/// ```no_run
/// use gradus_data::{CsvConfig, ColumnKind, Missing};
/// use gradus_tensor::DType;
/// let columns = [("pm2.5", ColumnKind::Number), ("TEMP", ColumnKind::Number), ("cbwd", ColumnKind::Category)];
/// let config = CsvConfig { missing: Missing::Nan, ..CsvConfig::new(columns) };
/// let table = config.read("pollution.csv")?;
/// let x = table.numbers(&["pm2.5", "TEMP"], DType::F32)?; // (N, 2)
/// let (wind, names) = table.categories("cbwd")?; // (N)
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvConfig {
    /// The columns to read, by name.
    pub columns: Vec<(String, ColumnKind)>,
    /// Whether the first line names the columns.
    pub header: Header,
    /// The byte between fields; a comma by default.
    pub delimiter: u8,
    /// Whether double quotes can surround a field.
    pub quoting: Quoting,
    /// What becomes of a missing number.
    pub missing: Missing,
    /// What a missing number looks like; the empty field, `NA`, `NaN` and `nan` by default.
    pub missing_marks: Vec<String>,
}

impl CsvConfig {
    /// Comma-separated, with a header, quotes and no missing number.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, ColumnKind)>) -> Self {
        Self {
            columns: columns.into_iter().map(|(name, kind)| (name.into(), kind)).collect(),
            header: Header::default(),
            delimiter: b',',
            quoting: Quoting::default(),
            missing: Missing::default(),
            missing_marks: ["", "NA", "NaN", "nan"].map(str::to_owned).into(),
        }
    }

    /// Reads a file.
    ///
    /// Spaces around a number are ignored; names and texts are kept as they are. Empty lines are
    /// skipped. A number that is too large for f64, or written as infinity, is refused.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::Field`] and [`Error::FieldCount`] with
    /// line and column if something is not as declared; [`Error::NoColumn`] if the header lacks a
    /// column.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let io = |source| Error::Io { path: path.to_owned(), source };
        self.parse(&fs::read(path).map_err(io)?, path)
    }

    /// Reads from memory; `path` is named in errors.
    ///
    /// # Errors
    /// Those of [`CsvConfig::read`].
    pub fn parse(&self, bytes: &[u8], path: &Path) -> Result<Table> {
        let mut reader = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quoting(self.quoting == Quoting::Double)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut record = ByteRecord::new();
        let mut next = |record: &mut ByteRecord| {
            let read = reader.read_byte_record(record);
            read.map_err(|e| Error::Io { path: path.to_owned(), source: e.into() })
        };
        let places = match self.header {
            Header::Absent => (0..self.columns.len()).collect(),
            Header::Names => {
                next(&mut record)?;
                self.find_columns(&Row { bytes, path, record: &record })?
            }
        };
        let n_fields = if self.header == Header::Names { record.len() } else { places.len() };
        let mut columns: Vec<Builder> = self.columns.iter().map(|c| Builder::new(c.1)).collect();
        let mut n_rows = 0;
        while next(&mut record)? {
            let row = Row { bytes, path, record: &record };
            if record.len() != n_fields {
                return Err(row.field_count(n_fields));
            }
            for ((column, (name, _)), &place) in columns.iter_mut().zip(&self.columns).zip(&places)
            {
                self.add_field(column, &row, place, name)?;
            }
            n_rows += 1;
        }
        let finish = |((name, _), column): (&(String, _), Builder)| Column {
            name: name.clone(),
            values: column.finish(),
        };
        let columns = self.columns.iter().zip(columns).map(finish).collect();
        Ok(Table { source: path.display().to_string(), columns, n_rows })
    }

    /// Where each column is, by the names in the first line.
    fn find_columns(&self, header: &Row<'_>) -> Result<Vec<usize>> {
        let names: Vec<String> =
            header.record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let find = |(name, _): &(String, ColumnKind)| {
            let mut places = (0..names.len()).filter(|&i| names[i] == *name);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(header.field(name, "a name that occurs once", name)),
                (None, _) => Err(Error::NoColumn {
                    table: header.path.display().to_string(),
                    column: name.clone(),
                    expected: "such",
                    columns: names.join(", "),
                }),
            }
        };
        self.columns.iter().map(find).collect()
    }

    fn add_field(
        &self,
        column: &mut Builder,
        row: &Row<'_>,
        place: usize,
        name: &str,
    ) -> Result<()> {
        let field = row.record.get(place).expect("the fields were counted");
        let Ok(field) = str::from_utf8(field) else {
            return Err(row.field(name, "UTF-8", &String::from_utf8_lossy(field)));
        };
        match column {
            Builder::Numbers(values) => {
                let number = self.number(field.trim());
                values.push(number.ok_or_else(|| row.field(name, "a number", field))?);
            }
            Builder::Categories { rows, codes } => match codes.get(field) {
                Some(&first_seen) => rows.push(first_seen),
                None => {
                    rows.push(codes.len());
                    codes.insert(field.to_owned(), codes.len());
                }
            },
            Builder::Texts(texts) => texts.push(field.to_owned()),
        }
        Ok(())
    }

    fn number(&self, field: &str) -> Option<f64> {
        if self.missing_marks.iter().any(|mark| mark == field) {
            return (self.missing == Missing::Nan).then_some(f64::NAN);
        }
        field.parse().ok().filter(|v: &f64| v.is_finite())
    }
}

/// A record and where it comes from, for the errors.
struct Row<'a> {
    bytes: &'a [u8],
    path: &'a Path,
    record: &'a ByteRecord,
}

impl Row<'_> {
    /// The line on which the record starts. The reader's own count stands before the line ends
    /// and empty lines that precede the record.
    fn line(&self) -> u64 {
        let start = self.record.position().map_or(0, |p| p.byte() as usize).min(self.bytes.len());
        let is_end = |&&b: &&u8| b == b'\n' || b == b'\r';
        let skipped = self.bytes[start..].iter().take_while(is_end).count();
        1 + self.bytes[..start + skipped].iter().filter(|&&b| b == b'\n').count() as u64
    }

    fn field(&self, column: &str, expected: &'static str, got: &str) -> Error {
        let (path, line) = (self.path.to_owned(), self.line());
        Error::Field { path, line, column: column.to_owned(), expected, got: got.to_owned() }
    }

    fn field_count(&self, expected: usize) -> Error {
        let (path, line) = (self.path.to_owned(), self.line());
        Error::FieldCount { path, line, expected, got: self.record.len() }
    }
}

/// A column that grows.
enum Builder {
    Numbers(Vec<f64>),
    /// Codes are given as categories come, and put in order at the end.
    Categories {
        rows: Vec<usize>,
        codes: BTreeMap<String, usize>,
    },
    Texts(Vec<String>),
}

impl Builder {
    const fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Number => Self::Numbers(Vec::new()),
            ColumnKind::Category => Self::Categories { rows: Vec::new(), codes: BTreeMap::new() },
            ColumnKind::Text => Self::Texts(Vec::new()),
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

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;

    fn parse(config: &CsvConfig, text: &str) -> Result<Table> {
        config.parse(text.as_bytes(), Path::new("t.csv"))
    }

    fn message(config: &CsvConfig, text: &str) -> String {
        parse(config, text).unwrap_err().to_string()
    }

    #[test]
    fn columns_are_found_by_name_and_typed() {
        let columns =
            [("wind", ColumnKind::Category), ("x", ColumnKind::Number), ("note", ColumnKind::Text)];
        let text =
            "\u{feff}x,skipped,wind,note\r\n 1.5 ,?,NW,\"a, \"\"b\"\"\"\r\n-2e3,?,NE,\r\n0,?,NW,c";
        let table = parse(&CsvConfig::new(columns), text).unwrap();
        assert_eq!((table.n_rows(), table.columns().len()), (3, 3));
        let x = table.numbers(&["x", "x"], DType::F32).unwrap();
        assert_eq!(x.to_vec::<f32>().unwrap(), [1.5, 1.5, -2000.0, -2000.0, 0.0, 0.0]);
        let (codes, names) = table.categories("wind").unwrap();
        assert_eq!(
            (codes.to_vec::<i64>().unwrap(), names),
            (vec![1, 0, 1], &["NE", "NW"].map(str::to_owned)[..])
        );
        assert_eq!(table.texts("note").unwrap(), ["a, \"b\"", "", "c"]);
        assert_eq!(
            table.texts("x").unwrap_err().to_string(),
            "t.csv: no text column \"x\", there are wind (category), x (number), note (text)"
        );
        assert!(table.column("skipped").is_err());
        assert!(table.numbers(&["x"], DType::I64).is_err());
    }

    #[test]
    fn errors_name_line_column_and_expectation() {
        let config = CsvConfig::new([("x", ColumnKind::Number)]);
        assert_eq!(
            message(&config, "y,x\n1,2\n\n3,4O\n"),
            "t.csv, line 4, column \"x\": expected a number, got \"4O\""
        );
        assert_eq!(
            message(&config, "y,x\r\n\"1\r\n1\",2\r\n3,NA\r\n"),
            "t.csv, line 4, column \"x\": expected a number, got \"NA\""
        );
        assert_eq!(message(&config, "x\n1\n2,3\n"), "t.csv, line 3: expected 1 fields, got 2");
        assert_eq!(message(&config, "a,b\n"), "t.csv: no such column \"x\", there are a, b");
        assert_eq!(message(&config, ""), "t.csv: no such column \"x\", there are ");
        assert!(message(&config, "x,x\n").contains("a name that occurs once"));
        for bad in ["inf", "-Infinity", "1e999", "NAN", "0x1", "1 2"] {
            assert!(message(&config, &format!("x\n{bad}")).contains("expected a number"), "{bad}");
        }
        let latin1 = CsvConfig::new([("x", ColumnKind::Text)]).parse(b"x\ncaf\xe9", Path::new("t"));
        assert!(latin1.unwrap_err().to_string().contains("expected UTF-8"));
    }

    #[test]
    fn missing_numbers_can_become_nan() {
        let config =
            CsvConfig { missing: Missing::Nan, ..CsvConfig::new([("x", ColumnKind::Number)]) };
        let table = parse(&config, "x,y\nNA,1\n,2\n3,3\n").unwrap();
        let x: Vec<f64> = table.numbers(&["x"], DType::F64).unwrap().to_vec().unwrap();
        assert!(x[0].is_nan() && x[1].is_nan() && x[2] == 3.0);
    }

    #[test]
    fn a_table_can_lack_header_and_quotes() {
        let config = CsvConfig {
            header: Header::Absent,
            delimiter: b'\t',
            quoting: Quoting::Off,
            ..CsvConfig::new([("label", ColumnKind::Category), ("message", ColumnKind::Text)])
        };
        let table = parse(&config, "ham\t\"hi, you\nspam\tyes\"\n").unwrap();
        assert_eq!(table.texts("message").unwrap(), ["\"hi, you", "yes\""]);
        assert_eq!(table.categories("label").unwrap().0.to_vec::<i64>().unwrap(), [0, 1]);
        assert_eq!(parse(&config, "").unwrap().n_rows(), 0);
        assert_eq!(message(&config, "a\tb\nc\n"), "t.csv, line 2: expected 2 fields, got 1");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn numbers_come_back_exactly(values in prop::collection::vec(-1e300f64..1e300, 0..30)) {
            let lines: String = values.iter().map(|v| format!("{v:e}\n")).collect();
            let table = parse(&CsvConfig::new([("x", ColumnKind::Number)]), &format!("x\n{lines}"));
            let table = table.unwrap();
            prop_assert_eq!(&table.columns()[0].values, &Values::Numbers(values));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let columns = [("a", ColumnKind::Number), ("b", ColumnKind::Category)];
            let config = CsvConfig { header: Header::Absent, ..CsvConfig::new(columns) };
            let _unused = config.parse(&bytes, Path::new("t.csv"));
        }
    }
}
