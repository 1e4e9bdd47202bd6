//! The figures of a modality as a table.

use gradus::train::report::Table;

use crate::rows::Row;

/// A line for each strategy: what it costs alone and in a batch, how far it is, and all other figures.
pub(crate) fn table(rows: &[Row]) -> Table {
    let named: Vec<&str> =
        rows.first().into_iter().flat_map(|r| &r.beside).map(|&(name, _)| name).collect();
    let head = ["strategy", "calls", "ms alone", "ms of 64", "distance", "95 %"];
    let mut table = Table::new(head.into_iter().chain(named.iter().copied()).chain(["accepted"]));
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.strategy.as_str()) {
            names.push(&row.strategy);
        }
    }
    for name in names {
        let mut of = rows.iter().filter(|r| r.strategy == name);
        let Some(alone) = of.next() else { continue };
        let batched = of.next().unwrap_or(alone);
        let beside = |what: &str| {
            let found = alone.beside.iter().find(|(name, _)| *name == what);
            found.map_or(String::new(), |&(_, value)| number(value))
        };
        let mut cells = vec![
            name.to_owned(),
            number(alone.calls),
            number(alone.milliseconds),
            number(batched.milliseconds),
            number(alone.distance),
            format!("{}–{}", number(alone.interval.low), number(alone.interval.high)),
        ];
        cells.extend(named.iter().copied().chain(["accepted"]).map(beside));
        table.row(cells);
    }
    table
}

/// Three digits, or none where there is no number.
fn number(value: f64) -> String {
    match value.abs() {
        v if v.is_nan() => String::new(),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 || v == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use gradus::generate::eval::Interval;

    use super::*;

    #[test]
    fn a_strategy_has_one_line() {
        let row = |strategy: &str, batch, milliseconds, beside| Row {
            modality: "text".into(),
            family: "AR".into(),
            strategy: strategy.into(),
            batch,
            calls: 20.0,
            milliseconds,
            distance: 0.25,
            interval: Interval { low: 0.2, high: 0.3 },
            samples: 9,
            beside,
            seed: 7,
            dtype: "f32",
        };
        let rows = [
            row("AR", 1, 12.34, vec![("repeats", 0.5)]),
            row("AR", 64, 1.234, vec![("repeats", 0.5)]),
            row("Draft", 1, f64::NAN, vec![("repeats", 0.5), ("accepted", 0.75)]),
        ];
        let table = table(&rows);
        assert_eq!(table.header()[6..], ["repeats", "accepted"]);
        let line = ["AR", "20.0", "12.3", "1.23", "0.250", "0.200–0.300", "0.500", ""];
        assert_eq!(table.rows()[0], line);
        assert_eq!(table.rows()[1][2..4], ["", ""]);
        assert_eq!(table.rows()[1][7], "0.750");
    }
}
