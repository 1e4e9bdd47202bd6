//! Apache Parquet.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use super::builder::{Builder, ColumnKind, Missing, declared, table};
use super::chunks::{Chunks, Rows};
use super::open::io_error;
use super::table::Table;
use crate::{Error, Result};

/// How a Parquet file is read: the declared columns at the top of its schema, others are not
/// touched.
///
/// A number column takes integers and floats of any size, `true` as 1 and `false` as 0. A category
/// column takes strings, integers and booleans. A text column takes strings. Compression by Snappy,
/// gzip and LZ4 is read; Zstandard and Brotli are not.
///
/// # Examples
/// ```no_run
/// use gradus_data::{ColumnKind, ParquetConfig};
/// use gradus_tensor::DType;
/// let config = ParquetConfig::new([("price", ColumnKind::Number)]);
/// for chunk in config.chunks("homes.parquet", 10_000)? {
///     let x = chunk?.numbers(&["price"], DType::F32)?; // (N, 1)
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParquetConfig {
    /// The columns to read, by name.
    pub columns: Vec<(String, ColumnKind)>,
    /// What becomes of a null.
    pub missing: Missing,
}

impl ParquetConfig {
    /// These columns, and no null.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, ColumnKind)>) -> Self {
        Self { columns: declared(columns), missing: Missing::default() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read or is damaged; [`Error::NoColumn`] if a column does
    /// not exist; [`Error::Cell`] with row and column if a value is not as declared.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        open(self, path.as_ref())?.next_rows(usize::MAX)
    }

    /// Reads a file in tables of `n_rows` rows, with one of them and a page of the file in memory.
    ///
    /// # Errors
    /// Those of [`ParquetConfig::read`] about the file and its columns; the others come with their
    /// chunk.
    pub fn chunks(&self, path: impl AsRef<Path>, n_rows: usize) -> Result<Chunks> {
        Ok(Chunks::new(open(self, path.as_ref())?, n_rows))
    }
}

struct ParquetRows {
    config: ParquetConfig,
    path: PathBuf,
    rows: RowIter<'static>,
    n_read: u64,
}

fn damaged(path: &Path, error: ParquetError) -> Error {
    io_error(path, std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}

fn open(config: &ParquetConfig, path: &Path) -> Result<ParquetRows> {
    guarded(path, || ParquetRows::new(config, path))
}

/// The decoder asserts some of what a file should keep; a damaged one is an error here.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    // Whatever is half done is not used after an error.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let reason = "a page is not what the format asks for".to_owned();
        Err(damaged(path, ParquetError::General(reason)))
    })
}

impl ParquetRows {
    fn new(config: &ParquetConfig, path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| io_error(path, e))?;
        let reader = SerializedFileReader::new(file).map_err(|e| damaged(path, e))?;
        let wanted = projection(config, reader.metadata().file_metadata().schema(), path)?;
        let rows = RowIter::from_file_into(Box::new(reader)).project(Some(wanted));
        let rows = rows.map_err(|e| damaged(path, e))?;
        Ok(Self { config: config.clone(), path: path.to_owned(), rows, n_read: 0 })
    }

    fn next_row(&mut self) -> Result<Option<Row>> {
        let row = self.rows.next().transpose().map_err(|e| damaged(&self.path, e))?;
        self.n_read += u64::from(row.is_some());
        Ok(row)
    }

    fn add(&self, column: &mut Builder, name: &str, field: &Field) -> Result<()> {
        let may_lack = self.config.missing == Missing::Nan;
        let expected = match (column, field) {
            (Builder::Numbers(values), field) => match number(field) {
                Some(number) => {
                    values.push(number);
                    return Ok(());
                }
                None if may_lack && *field == Field::Null => {
                    values.push(f64::NAN);
                    return Ok(());
                }
                None => "a number",
            },
            (column, Field::Null) if may_lack => {
                column.push_text("");
                return Ok(());
            }
            (column, Field::Str(text)) => {
                column.push_text(text);
                return Ok(());
            }
            (column @ Builder::Categories { .. }, field) if is_code(field) => {
                column.push_text(&field.to_string());
                return Ok(());
            }
            (Builder::Categories { .. }, _) => "a string, an integer, true or false",
            (Builder::Texts(_), _) => "a string",
        };
        let (path, row, column) = (self.path.clone(), self.n_read - 1, name.to_owned());
        Err(Error::Cell { path, row, column, expected, got: field.to_string() })
    }
}

/// The part of the schema that holds the declared columns.
fn projection(config: &ParquetConfig, schema: &Type, path: &Path) -> Result<Type> {
    let fields = schema.get_fields();
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    for (name, _) in &config.columns {
        if !names.contains(&name.as_str()) {
            let (table, column, expected) = (path.display().to_string(), name.clone(), "such");
            let columns = names.iter().map(|&name| name.to_owned()).collect();
            return Err(Error::NoColumn { table, column, expected, columns });
        }
    }
    let wanted = |name: &str| config.columns.iter().any(|(column, _)| column == name);
    let kept = fields.iter().filter(|field| wanted(field.name())).cloned().collect();
    let group = Type::group_type_builder(schema.name()).with_fields(kept).build();
    group.map_err(|e| damaged(path, e))
}

fn number(field: &Field) -> Option<f64> {
    Some(match field {
        Field::Bool(v) => f64::from(u8::from(*v)),
        Field::Byte(v) => f64::from(*v),
        Field::Short(v) => f64::from(*v),
        Field::Int(v) => f64::from(*v),
        Field::Long(v) => *v as f64,
        Field::UByte(v) => f64::from(*v),
        Field::UShort(v) => f64::from(*v),
        Field::UInt(v) => f64::from(*v),
        Field::ULong(v) => *v as f64,
        Field::Float16(v) => f64::from(*v),
        Field::Float(v) => f64::from(*v),
        Field::Double(v) => *v,
        // Written out, the digits are exact.
        Field::Decimal(_) => field.to_string().parse().ok()?,
        _ => return None,
    })
}

const fn is_code(field: &Field) -> bool {
    matches!(
        field,
        Field::Bool(_)
            | Field::Byte(_)
            | Field::Short(_)
            | Field::Int(_)
            | Field::Long(_)
            | Field::UByte(_)
            | Field::UShort(_)
            | Field::UInt(_)
            | Field::ULong(_)
    )
}

impl ParquetRows {
    fn fill(&mut self, columns: &mut [Builder], limit: usize) -> Result<usize> {
        let mut n_rows = 0;
        while n_rows < limit
            && let Some(row) = self.next_row()?
        {
            for (column, (name, _)) in columns.iter_mut().zip(&self.config.columns) {
                let field = row.get_column_iter().find(|(key, _)| *key == name);
                self.add(column, name, field.map_or(&Field::Null, |(_, field)| field))?;
            }
            n_rows += 1;
        }
        Ok(n_rows)
    }
}

impl Rows for ParquetRows {
    fn next_rows(&mut self, limit: usize) -> Result<Table> {
        let kinds = self.config.columns.iter().map(|c| c.1);
        let mut columns: Vec<Builder> = kinds.map(Builder::new).collect();
        let path = self.path.clone();
        let n_rows = guarded(&path, || self.fill(&mut columns, limit))?;
        Ok(table(path.display().to_string(), &self.config.columns, columns, n_rows))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gradus_tensor::DType;
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    const SCHEMA: &str = "message homes {
        REQUIRED INT32 rooms; OPTIONAL DOUBLE price; REQUIRED BYTE_ARRAY kind (UTF8);
    }";

    /// Two row groups of two rows; the second price of each is null.
    fn write(path: &Path, compression: Compression) {
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let file = File::create(path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
        for group in 0..2 {
            let mut rows = writer.next_row_group().unwrap();
            let mut column = rows.next_column().unwrap().unwrap();
            let rooms = [1 + 2 * group, 2 + 2 * group];
            column.typed::<Int32Type>().write_batch(&rooms, None, None).unwrap();
            column.close().unwrap();
            let mut column = rows.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(&[9.5], Some(&[1, 0]), None).unwrap();
            column.close().unwrap();
            let mut column = rows.next_column().unwrap().unwrap();
            let kinds = ["flat", "house"].map(ByteArray::from);
            column.typed::<ByteArrayType>().write_batch(&kinds, None, None).unwrap();
            column.close().unwrap();
            rows.close().unwrap();
        }
        writer.close().unwrap();
    }

    fn config() -> ParquetConfig {
        let columns = [("kind", ColumnKind::Category), ("rooms", ColumnKind::Number)];
        ParquetConfig::new(columns)
    }

    #[test]
    fn declared_columns_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("homes.parquet");
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW] {
            write(&path, compression);
            let table = config().read(&path).unwrap();
            let rooms = table.numbers(&["rooms"], DType::F64).unwrap();
            assert_eq!(rooms.to_vec::<f64>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
            assert_eq!(table.strings("kind").unwrap(), ["flat", "house", "flat", "house"]);
            let chunks: Vec<_> = config().chunks(&path, 3).unwrap().map(Result::unwrap).collect();
            assert_eq!(chunks.iter().map(Table::n_rows).collect::<Vec<_>>(), [3, 1]);
        }
    }

    #[test]
    fn errors_name_row_column_and_expectation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("homes.parquet");
        write(&path, Compression::UNCOMPRESSED);
        let prices = ParquetConfig::new([("price", ColumnKind::Number)]);
        let message = prices.read(&path).unwrap_err().to_string();
        let expected = "row 1, column \"price\": expected a number, got \"null\"";
        assert!(message.ends_with(expected), "{message}");
        let prices = ParquetConfig { missing: Missing::Nan, ..prices };
        let x = prices.read(&path).unwrap().numbers(&["price"], DType::F64).unwrap();
        assert!(x.to_vec::<f64>().unwrap()[1].is_nan());
        let none = ParquetConfig::new([("size", ColumnKind::Number)]).read(&path).unwrap_err();
        assert!(
            none.to_string().ends_with("no such column \"size\", there are rooms, price, kind")
        );
        let texts = ParquetConfig::new([("rooms", ColumnKind::Text)]).read(&path).unwrap_err();
        assert!(texts.to_string().contains("row 0, column \"rooms\": expected a string"));
    }

    #[test]
    fn a_truncated_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("homes.parquet");
        write(&path, Compression::SNAPPY);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let error = config().read(&path).unwrap_err();
            assert!(matches!(error, Error::Io { .. }), "{cut}: {error}");
        }
    }

    #[test]
    fn damaged_bytes_never_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("homes.parquet");
        write(&path, Compression::SNAPPY);
        let bytes = std::fs::read(&path).unwrap();
        for place in 0..bytes.len() {
            for bit in [0, 3, 7] {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                std::fs::write(&path, &damaged).unwrap();
                let _unused = config().read(&path);
            }
        }
    }
}
