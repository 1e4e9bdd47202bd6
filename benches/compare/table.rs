//! The table, for a terminal and as Markdown.

use std::fmt::Write as _;

use crate::row::{Figure, Row, Target};

const HEAD: [&str; 7] = ["case", "threads", "PyTorch", "Gradus", "ratio", "target", "met"];

/// Columns of equal width.
pub(crate) fn plain(rows: &[Row]) -> String {
    let cells = cells(rows);
    let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let (left, right) = if at == 0 { ("", &pad[..]) } else { (&pad[..], "") };
            line += &format!("{left}{cell}{right}  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A table of Markdown.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::new();
    for (at, row) in cells(rows).iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.join(" | "));
        if at == 0 {
            text.push_str("|---|---:|---:|---:|---:|---:|---|\n");
        }
    }
    text
}

fn cells(rows: &[Row]) -> Vec<[String; 7]> {
    std::iter::once(HEAD.map(String::from)).chain(rows.iter().map(row_cells)).collect()
}

fn row_cells(row: &Row) -> [String; 7] {
    let figure = |f: &Option<Figure>| f.as_ref().map_or("–".into(), figure);
    let target = match row.target {
        Some(Target::Ratio(least)) => format!("≥ {least}"),
        Some(Target::AtMost(most)) => format!("≤ {most} MiB"),
        None => String::new(),
    };
    let met = match row.met() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        row.case.clone(),
        row.threads.to_string(),
        figure(&row.torch),
        figure(&row.gradus),
        row.ratio.map_or("–".into(), |ratio| format!("{ratio:.2}")),
        target,
        met.into(),
    ]
}

/// Three digits that count.
fn figure(figure: &Figure) -> String {
    let Figure { value, unit } = figure;
    let digits = if *value < 9.995 {
        2
    } else if *value < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let figure = |value| Some(Figure { value, unit: "GFLOP/s".into() });
        Row {
            case: "sgemm_64".into(),
            threads: 1,
            torch: figure(99.96),
            gradus: figure(9.994),
            ratio: Some(0.099_98),
            target: Some(Target::Ratio(1.35)),
        }
    }

    #[test]
    fn a_row_reads_well() {
        let text = markdown(&[row()]);
        assert!(
            text.ends_with("| sgemm_64 | 1 | 100 GFLOP/s | 9.99 GFLOP/s | 0.10 | ≥ 1.35 | no |\n")
        );
        let plain = plain(&[row()]);
        assert!(plain.lines().all(|line| !line.ends_with(' ')));
        assert_eq!(plain.lines().count(), 2);
    }

    #[test]
    fn what_is_missing_is_not_judged() {
        let row = Row { gradus: None, ratio: None, ..row() };
        assert!(markdown(&[row]).ends_with("| – | – | ≥ 1.35 |  |\n"));
    }
}
