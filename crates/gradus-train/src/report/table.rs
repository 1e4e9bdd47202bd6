//! A table that can be printed and put on a page.

use std::fmt;

/// Rows of text under a header, printed in aligned columns.
///
/// # Examples
/// ```
/// use gradus_train::report::Table;
/// let mut table = Table::new(["model", "accuracy"]);
/// table.row(["mlp", "0.97"]);
/// assert_eq!(table.to_string(), "model  accuracy\nmlp        0.97\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row. Missing cells stay empty; cells beyond the header are kept without a title.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) -> &mut Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// The titles of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

/// How many columns a terminal uses for a text: Chinese characters take two.
fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| if matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xFFDC) { 2 } else { 1 })
        .sum()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || std::iter::once(&self.header).chain(&self.rows);
        let n = lines().map(Vec::len).max().unwrap_or(0);
        let cell = |line: &Vec<String>, i: usize| line.get(i).map_or(0, |s| columns(s));
        let widths: Vec<usize> =
            (0..n).map(|i| lines().map(|l| cell(l, i)).max().unwrap_or(0)).collect();
        for line in lines() {
            let mut text = String::new();
            for (i, width) in widths.iter().enumerate() {
                let pad = " ".repeat(width - cell(line, i));
                let value = line.get(i).map_or("", String::as_str);
                // The first column holds names and is set left; the others hold numbers.
                match i {
                    0 => text += &format!("{value}{pad}"),
                    _ => text += &format!("  {pad}{value}"),
                }
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ragged_rows_and_wide_characters_stay_aligned() {
        let mut table = Table::new(["词", "n"]);
        table.row(["春天", "12"]).row(["a"]).row(["b", "1", "extra"]);
        assert_eq!(table.to_string(), "词     n\n春天  12\na\nb      1  extra\n");
    }
}
