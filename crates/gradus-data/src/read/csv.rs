//! Tables of separated values.

use std::path::Path;

use super::builder::{ColumnKind, Missing, declared};
use super::chunks::{Chunks, Rows};
use super::csv_rows::CsvRows;
use super::open::open;
use super::table::Table;
use crate::Result;

/// Whether the first line names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// It does. Columns are found by name; those that are not asked for are left out.
    #[default]
    Names,
    /// It is data. The configuration names all columns, from left to right.
    Absent,
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
            columns: declared(columns),
            header: Header::default(),
            delimiter: b',',
            quoting: Quoting::default(),
            missing: Missing::default(),
            missing_marks: ["", "NA", "NaN", "nan"].map(str::to_owned).into(),
        }
    }

    /// Reads a file, plain or compressed with gzip (told by its first bytes, not its name).
    ///
    /// Spaces around a number are ignored; names and texts are kept as they are. Empty lines are
    /// skipped. A number that is too large for f64, or written as infinity, is refused.
    ///
    /// # Errors
    /// [`crate::Error::Io`] if the file cannot be read; [`crate::Error::Field`] and
    /// [`crate::Error::FieldCount`] with line and column if something is not as declared;
    /// [`crate::Error::NoColumn`] if the header lacks a column.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        CsvRows::new(self.clone(), open(path)?, path)?.next_rows(usize::MAX)
    }

    /// Reads from memory; `path` is named in errors.
    ///
    /// # Errors
    /// Those of [`CsvConfig::read`].
    pub fn parse(&self, bytes: &[u8], path: &Path) -> Result<Table> {
        CsvRows::new(self.clone(), bytes, path)?.next_rows(usize::MAX)
    }

    /// Reads a file in tables of `n_rows` rows, with one of them in memory.
    ///
    /// # Errors
    /// Those of [`CsvConfig::read`] about the file and its header; the others come with their chunk.
    pub fn chunks(&self, path: impl AsRef<Path>, n_rows: usize) -> Result<Chunks> {
        let path = path.as_ref();
        Ok(Chunks::new(CsvRows::new(self.clone(), open(path)?, path)?, n_rows))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;
    use crate::Values;

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
        assert_eq!(message(&config, ""), "t.csv: no such column \"x\", there are none");
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

    #[test]
    fn chunks_are_the_table_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let lines: String = (0..1000).map(|i| format!("{i},\"a\nb\"\r\n\r\n")).collect();
        std::fs::write(&path, format!("x,y\r\n{lines}oops,1\r\n")).unwrap();
        let config = CsvConfig::new([("x", ColumnKind::Number)]);
        let chunks: Vec<_> = config.chunks(&path, 300).unwrap().collect();
        let n_rows = |chunk: &Result<Table>| chunk.as_ref().map_or(0, Table::n_rows);
        assert_eq!(chunks.iter().map(n_rows).collect::<Vec<_>>(), [300, 300, 300, 0]);
        let x = chunks[2].as_ref().unwrap().numbers(&["x"], DType::F64).unwrap();
        assert_eq!(x.to_vec::<f64>().unwrap()[299], 899.0);
        // One line of names, and 1000 records of two lines and an empty one.
        let message = chunks[3].as_ref().unwrap_err().to_string();
        assert!(message.contains("line 3002, column \"x\": expected a number"), "{message}");
        std::fs::write(&path, "x\n1\n2\n").unwrap();
        assert_eq!(config.chunks(&path, 2).unwrap().count(), 1);
        assert_eq!(config.chunks(&path, 1).unwrap().count(), 2);
        assert!(config.chunks(folder.path().join("absent"), 2).is_err());
    }

    #[test]
    fn a_compressed_table_is_read_as_a_plain_one() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv.gz");
        let file = std::fs::File::create(&path).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder.write_all(b"x\n1\n2\n").unwrap();
        encoder.finish().unwrap();
        let config = CsvConfig::new([("x", ColumnKind::Number)]);
        assert_eq!(config.read(&path).unwrap().n_rows(), 2);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let message = config.read(&path).unwrap_err().to_string();
        assert!(message.contains("cannot read"), "{message}");
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
