//! Replacing missing values.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::column_stream::{ColumnStream, FromColumns};
use super::columns::map_rows;
use super::fit::{Fit, FitStream, PartialFit, Transform, no_inverse};
use super::known::{Counted, Known};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// What takes the place of a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Statistic {
    /// The mean of the column.
    #[default]
    Mean,
    /// The median of the column; between two middle values, their mean.
    Median,
    /// The most frequent value of the column; of several, the smallest.
    MostFrequent,
    /// A given value, the same for all columns, also for those of nothing but NaN.
    Constant(f64),
}

/// How an [`Imputer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ImputerConfig {
    /// What takes the place of a missing value.
    pub statistic: Statistic,
    /// Whether a column is added for each that had missing values in fit: 1 where a value was
    /// missing, else 0. False by default.
    pub add_indicator: bool,
}

impl Fit for ImputerConfig {
    type Fitted = Imputer;

    /// # Errors
    /// Also if a column has nothing but NaN, unless the replacement is constant.
    fn fit(&self, rows: &TrainRows) -> Result<Imputer> {
        let mut stream = self.stream()?;
        stream.partial_fit(rows)?;
        stream.finish()
    }
}

impl FitStream for ImputerConfig {
    type Stream = ImputerStream;

    /// # Errors
    /// If the constant is NaN.
    fn stream(&self) -> Result<ImputerStream> {
        Ok(match self.statistic {
            Statistic::Constant(v) if v.is_nan() => {
                let (op, name, expected) = (OP, "constant", "a number");
                return Err(Error::InvalidArgument { op, name, expected, got: v.to_string() });
            }
            Statistic::Constant(_) => ImputerStream::Any(ColumnStream::new(Any(*self))),
            Statistic::Mean => ImputerStream::Mean(ColumnStream::new(Mean(*self))),
            Statistic::Median | Statistic::MostFrequent => {
                ImputerStream::Counts(ColumnStream::new(Counts(*self)))
            }
        })
    }
}

const OP: &str = "Imputer::fit";

impl ImputerConfig {
    /// What replaces NaN in each column, and whether the column had NaN.
    fn imputer(self, columns: impl Iterator<Item = (f64, bool)>) -> Imputer {
        let (statistics, missing): (Vec<f64>, Vec<bool>) = columns.unzip();
        let marked = (0..missing.len()).filter(|&c| self.add_indicator && missing[c]);
        Imputer { indicators: marked.collect(), statistics }
    }
}

/// What each kind of replacement has to remember of a column.
macro_rules! by_columns {
    ($($name:ident $seen:ident $needs_values:literal $doc:literal $statistic:expr;)*) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, Copy)]
        pub struct $name(ImputerConfig);

        impl Fit for $name {
            type Fitted = Imputer;

            fn fit(&self, rows: &TrainRows) -> Result<Imputer> {
                ColumnStream::fit(self, rows)
            }
        }

        impl FromColumns for $name {
            type Seen = $seen;
            const OP: &'static str = OP;
            const NEEDS_VALUES: bool = $needs_values;

            fn learn(&self, seen: &[$seen]) -> Imputer {
                let statistic: fn(Statistic, &$seen) -> f64 = $statistic;
                let column = |c: &$seen| (statistic(self.0.statistic, c), c.has_missing());
                self.0.imputer(seen.iter().map(column))
            }
        }
    )*};
}

by_columns! {
    Mean Known true "The mean." |_, column| column.mean();
    Counts Counted true "The median or the most frequent value." |statistic, column| {
        if statistic == Statistic::Median { column.median() } else { column.most_frequent() }
    };
    Any Known false "A constant, for which a column may have nothing but NaN." |statistic, _| {
        if let Statistic::Constant(v) = statistic { v } else { f64::NAN }
    };
}

/// Learns an [`Imputer`] from chunks of rows. For the median and the most frequent value it remembers
/// how often each distinct value occurred, otherwise a few numbers for each column.
#[derive(Debug, Clone)]
pub enum ImputerStream {
    #[doc(hidden)]
    Mean(ColumnStream<Mean>),
    #[doc(hidden)]
    Counts(ColumnStream<Counts>),
    #[doc(hidden)]
    Any(ColumnStream<Any>),
}

impl PartialFit for ImputerStream {
    type Fitted = Imputer;

    fn partial_fit(&mut self, rows: &TrainRows) -> Result<()> {
        match self {
            Self::Mean(stream) => stream.partial_fit(rows),
            Self::Counts(stream) => stream.partial_fit(rows),
            Self::Any(stream) => stream.partial_fit(rows),
        }
    }

    fn finish(&self) -> Result<Imputer> {
        match self {
            Self::Mean(stream) => stream.finish(),
            Self::Counts(stream) => stream.finish(),
            Self::Any(stream) => stream.finish(),
        }
    }
}

/// Replaces NaN by a number learned for each column, and can tell where it did.
///
/// It streams: chunks of rows teach the same bits as all rows at once. The result has the input's
/// dtype. With an indicator for every column that has NaN there is an inverse; without, what was
/// missing cannot be told any more.
///
/// # Reference
/// scikit-learn's `SimpleImputer`; unlike it, a column of nothing but NaN is an error rather than
/// left out, unless the replacement is constant.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, ImputerConfig, Statistic, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::from([[1.0f32], [f32::NAN], [2.0], [6.0]]);
/// let config = ImputerConfig { statistic: Statistic::Median, ..Default::default() };
/// let imputer = config.fit(&TrainRows::whole(&x))?;
/// assert_eq!(imputer.transform(&x)?.to_vec::<f32>()?, [1.0, 2.0, 2.0, 6.0]);
/// let marking = ImputerConfig { add_indicator: true, ..config }.fit(&TrainRows::whole(&x))?;
/// assert_eq!(marking.transform(&x)?.to_vec::<f32>()?, [1., 0., 2., 1., 2., 0., 6., 0.]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Imputer {
    statistics: Vec<f64>,
    /// Rising positions of the columns that have an indicator.
    indicators: Vec<usize>,
}

impl Imputer {
    /// What takes the place of NaN in each column.
    pub fn statistics(&self) -> &[f64] {
        &self.statistics
    }

    /// The columns that have an indicator, in the order of the indicators.
    pub fn indicators(&self) -> &[usize] {
        &self.indicators
    }
}

impl Transform for Imputer {
    fn n_features_in(&self) -> usize {
        self.statistics.len()
    }

    fn n_features_out(&self) -> usize {
        self.statistics.len() + self.indicators.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let n = [self.n_features_in(), self.n_features_out()];
        map_rows("Imputer::transform", x, n, |row, out| {
            let known = row.iter().zip(&self.statistics);
            let known = known.map(|(&v, &s)| if v.is_nan() { s } else { v });
            let marks = self.indicators.iter().map(|&c| f64::from(u8::from(row[c].is_nan())));
            out.iter_mut().zip(known.chain(marks)).for_each(|(y, v)| *y = v);
        })
    }

    /// Puts NaN back where an indicator is not 0.
    ///
    /// # Errors
    /// [`Error::NoInverse`] if no column has an indicator.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "Imputer::inverse_transform";
        if self.indicators.is_empty() {
            return no_inverse(op);
        }
        let n_in = self.n_features_in();
        map_rows(op, y, [self.n_features_out(), n_in], |row, out| {
            out.copy_from_slice(&row[..n_in]);
            for (&c, &mark) in self.indicators.iter().zip(&row[n_in..]) {
                out[c] = if mark == 0.0 { row[c] } else { f64::NAN };
            }
        })
    }
}

impl Fitted for Imputer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let marked = |c| i64::from(self.indicators.contains(&c));
        let indicators: Vec<i64> = (0..self.statistics.len()).map(marked).collect();
        Entries::default()
            .floats("statistics", &self.statistics)
            .integers("indicators", &indicators)
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "Imputer", state };
        let (statistics, marks) = (state.floats("statistics")?, state.integers("indicators")?);
        if marks.len() != statistics.len() || marks.iter().any(|m| !(0..=1).contains(m)) {
            let got = format!("{marks:?}");
            return Err(state.error("indicators", "0 or 1 for each statistic", got));
        }
        let indicators = (0..marks.len()).filter(|&c| marks[c] == 1).collect();
        Ok(Self { statistics, indicators })
    }
}
