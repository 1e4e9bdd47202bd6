//! The table of hours, and what was known at each of them.

use std::path::Path;

use anyhow::{Result, ensure};
use gradus::data::{ColumnKind, CsvConfig, Missing, Table};
use gradus::prelude::*;

/// Columns that are numbers; the wind's direction `cbwd` is a category.
const NUMBERS: [&str; 11] =
    ["year", "month", "day", "hour", "pm2.5", "DEWP", "TEMP", "PRES", "Iws", "Is", "Ir"];

/// Hours in a row, with what follows from the measurements up to each of them.
#[derive(Debug)]
pub(crate) struct Hours {
    pub(crate) table: Table,
    /// PM2.5 in µg/m³; NaN where it was not measured.
    pub(crate) measured: Vec<f64>,
    /// What was measured last, at this hour or before; NaN before the first measurement.
    pub(crate) last: Vec<f64>,
    /// What was measured at this hour less what was measured last before it: what is forecast.
    pub(crate) change: Vec<f64>,
}

impl Hours {
    /// Reads a file in the columns of the UCI set "Beijing PM2.5".
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::new(config().read(path)?)
    }

    /// Reads text in the same columns.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Self::new(config().parse(text.as_bytes(), Path::new("built-in"))?)
    }

    fn new(table: Table) -> Result<Self> {
        let hour = column(&table, "hour")?;
        let gap = hour.windows(2).position(|h| (h[0] + 1.0) % 24.0 != h[1]);
        ensure!(gap.is_none(), "row {}: expected the next hour", gap.unwrap_or(0) + 2);
        let measured = column(&table, "pm2.5")?;
        let carry = |last: &mut f64, &now: &f64| {
            *last = if now.is_nan() { *last } else { now };
            Some(*last)
        };
        let last: Vec<f64> = measured.iter().scan(f64::NAN, carry).collect();
        let before = std::iter::once(&f64::NAN).chain(&last);
        let change = measured.iter().zip(before).map(|(now, before)| now - before).collect();
        Ok(Self { table, measured, last, change })
    }

    pub(crate) fn len(&self) -> usize {
        self.measured.len()
    }

    /// A column of numbers.
    pub(crate) fn column(&self, name: &str) -> Result<Vec<f64>> {
        column(&self.table, name)
    }
}

fn column(table: &Table, name: &str) -> Result<Vec<f64>> {
    Ok(table.numbers(&[name], DType::F64)?.to_vec()?)
}

fn config() -> CsvConfig {
    let numbers = NUMBERS.map(|name| (name, ColumnKind::Number)).into_iter();
    let columns = numbers.chain([("cbwd", ColumnKind::Category)]);
    CsvConfig { missing: Missing::Nan, ..CsvConfig::new(columns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_from_what_was_measured_last() {
        let header = "year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir";
        let row = |hour: usize, pm: &str| format!("\n2010,1,1,{hour},{pm},0,0,1000,NW,1,0,0");
        let rows = [(22, "NA"), (23, "5"), (0, "7"), (1, "NA"), (2, "4")].map(|(h, p)| row(h, p));
        let hours = Hours::parse(&format!("{header}{}", rows.concat())).unwrap();
        assert_eq!(hours.len(), 5);
        assert!(hours.last[0].is_nan());
        assert_eq!(hours.last[1..], [5.0, 7.0, 7.0, 4.0]);
        // Unknown where the hour was not measured, and where nothing was measured before it.
        assert!([0, 1, 3].iter().all(|&hour| hours.change[hour].is_nan()));
        assert_eq!([hours.change[2], hours.change[4]], [2.0, -3.0]);
        let gap = Hours::parse(&format!("{header}{}{}", row(3, "1"), row(5, "1"))).unwrap_err();
        assert_eq!(gap.to_string(), "row 2: expected the next hour");
    }
}
