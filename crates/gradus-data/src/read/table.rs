//! Typed columns.

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; a missing one is NaN.
    Numbers(Vec<f64>),
    /// Categories, as positions in a sorted list of distinct names.
    Categories {
        /// For each row, the position of its category.
        codes: Vec<i64>,
        /// The distinct categories in rising order (by bytes).
        names: Vec<String>,
    },
    /// Texts.
    Texts(Vec<String>),
}

impl Values {
    fn kind(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "number",
            Self::Categories { .. } => "category",
            Self::Texts(_) => "text",
        }
    }
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// One value for each row.
    pub values: Values,
}

/// Columns of equal length, as read by [`crate::CsvConfig`] or [`crate::JsonLinesConfig`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(super) source: String,
    pub(super) columns: Vec<Column>,
    pub(super) n_rows: usize,
}

impl Table {
    /// How many rows there are.
    pub const fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns, in the order of the configuration.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by name.
    ///
    /// # Errors
    /// [`Error::NoColumn`].
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.columns.iter().find(|c| c.name == name).ok_or_else(|| self.no_column(name, "such"))
    }

    /// Number columns side by side.
    ///
    /// # Shapes
    /// - → `[n_rows, names.len()]`
    ///
    /// # Errors
    /// [`Error::NoColumn`] if a column does not exist or is not of numbers; a dtype that is not
    /// a float cannot hold a missing value and is refused.
    pub fn numbers(&self, names: &[&str], dtype: DType) -> Result<Tensor> {
        if !dtype.is_float() {
            let (op, name, expected) = ("Table::numbers", "dtype", "a float dtype");
            return Err(Error::InvalidArgument { op, name, expected, got: dtype.to_string() });
        }
        let columns = names
            .iter()
            .map(|name| match &self.column(name)?.values {
                Values::Numbers(values) => Ok(values),
                _ => Err(self.no_column(name, "number")),
            })
            .collect::<Result<Vec<_>>>()?;
        let rows = (0..self.n_rows).flat_map(|row| columns.iter().map(move |c| c[row])).collect();
        Ok(Tensor::from_vec::<f64>(rows, [self.n_rows, names.len()])?.to_dtype(dtype)?)
    }

    /// Number columns and codes of category columns side by side, as a
    /// [`crate::ColumnTransformer`] takes them.
    ///
    /// # Shapes
    /// - → `[n_rows, names.len()]`
    ///
    /// # Errors
    /// [`Error::NoColumn`] if a column does not exist or is of texts;
    /// [`Error::InvalidArgument`] if the dtype is not a float, or bf16, which cannot hold the codes
    /// of many categories.
    pub fn features(&self, names: &[&str], dtype: DType) -> Result<Tensor> {
        if !matches!(dtype, DType::F32 | DType::F64) {
            let (op, name, expected) = ("Table::features", "dtype", "f32 or f64");
            return Err(Error::InvalidArgument { op, name, expected, got: dtype.to_string() });
        }
        let column = |name: &&str| match &self.column(name)?.values {
            Values::Numbers(values) => Ok(values.clone()),
            Values::Categories { codes, .. } => Ok(codes.iter().map(|&c| c as f64).collect()),
            Values::Texts(_) => Err(self.no_column(name, "number or category")),
        };
        let columns = names.iter().map(column).collect::<Result<Vec<Vec<f64>>>>()?;
        let rows = (0..self.n_rows).flat_map(|row| columns.iter().map(move |c| c[row])).collect();
        Ok(Tensor::from_vec::<f64>(rows, [self.n_rows, names.len()])?.to_dtype(dtype)?)
    }

    /// The texts or the category names of a column, row by row, as a [`crate::LabelEncoder`] takes
    /// them.
    ///
    /// # Errors
    /// [`Error::NoColumn`] if the column does not exist or is of numbers.
    pub fn strings(&self, name: &str) -> Result<Vec<&str>> {
        match &self.column(name)?.values {
            Values::Texts(texts) => Ok(texts.iter().map(String::as_str).collect()),
            Values::Categories { codes, names } => {
                Ok(codes.iter().map(|&code| names[code as usize].as_str()).collect())
            }
            Values::Numbers(_) => Err(self.no_column(name, "text or category")),
        }
    }

    /// The codes of a category column, and the names that they index.
    ///
    /// # Shapes
    /// - codes: `[n_rows]`, i64
    ///
    /// # Errors
    /// [`Error::NoColumn`] if the column does not exist or is not of categories.
    pub fn categories(&self, name: &str) -> Result<(Tensor, &[String])> {
        match &self.column(name)?.values {
            Values::Categories { codes, names } => Ok((Tensor::from(codes.clone()), names)),
            _ => Err(self.no_column(name, "category")),
        }
    }

    /// The texts of a text column.
    ///
    /// # Errors
    /// [`Error::NoColumn`] if the column does not exist or is not of texts.
    pub fn texts(&self, name: &str) -> Result<&[String]> {
        match &self.column(name)?.values {
            Values::Texts(texts) => Ok(texts),
            _ => Err(self.no_column(name, "text")),
        }
    }

    fn no_column(&self, column: &str, expected: &'static str) -> Error {
        let columns =
            self.columns.iter().map(|c| format!("{} ({})", c.name, c.values.kind())).collect();
        let (table, column) = (self.source.clone(), column.to_owned());
        Error::NoColumn { table, column, expected, columns }
    }
}
