//! Which classes are taken for which.

use crate::error::{Error, Result};
use crate::report::Table;

/// Counts of (true class, predicted class).
///
/// # Examples
/// ```
/// use gradus_train::ConfusionMatrix;
/// let mut m = ConfusionMatrix::new(2);
/// m.add(&[0, 1, 1], &[0, 1, 0])?;
/// assert_eq!(m.count(1, 0), 1);
/// assert_eq!(m.precision(1), 1.0);
/// assert_eq!(m.recall(1), 0.5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// An empty matrix.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Adds pairs of true and predicted class.
    ///
    /// # Errors
    /// [`Error::Config`] if the lengths differ or a class is out of range; nothing is added then.
    pub fn add(&mut self, truth: &[i64], predicted: &[i64]) -> Result<()> {
        let fault = |field, expected, got: String| Err(Error::Config { field, expected, got });
        if truth.len() != predicted.len() {
            let got = format!("{} and {}", truth.len(), predicted.len());
            return fault("predicted", "as many predictions as true classes", got);
        }
        let valid = 0..self.classes as i64;
        if let Some(bad) = truth.iter().chain(predicted).find(|c| !valid.contains(c)) {
            return fault("class", "a class below the number of classes", bad.to_string());
        }
        for (&t, &p) in truth.iter().zip(predicted) {
            self.counts[t as usize * self.classes + p as usize] += 1;
        }
        Ok(())
    }

    /// How often class `truth` was taken for `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.classes + predicted]
    }

    /// The share of pairs that agree; NaN when empty.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|c| self.count(c, c)).sum();
        right as f64 / self.counts.iter().sum::<u64>() as f64
    }

    /// Of what was called `class`, the share that is; NaN if nothing was.
    pub fn precision(&self, class: usize) -> f64 {
        let called: u64 = (0..self.classes).map(|t| self.count(t, class)).sum();
        self.count(class, class) as f64 / called as f64
    }

    /// Of what is `class`, the share that was called so; NaN if there is none.
    pub fn recall(&self, class: usize) -> f64 {
        let there: u64 = (0..self.classes).map(|p| self.count(class, p)).sum();
        self.count(class, class) as f64 / there as f64
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self, class: usize) -> f64 {
        let (p, r) = (self.precision(class), self.recall(class));
        2.0 * p * r / (p + r)
    }

    /// A table with a row for each true class and a column for each predicted one.
    pub fn table(&self) -> Table {
        let names = (0..self.classes).map(|c| c.to_string());
        let mut table = Table::new(std::iter::once("true \\ read as".to_owned()).chain(names));
        for t in 0..self.classes {
            let counts = (0..self.classes).map(|p| self.count(t, p).to_string());
            table.row(std::iter::once(t.to_string()).chain(counts));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_class_changes_nothing() {
        let mut m = ConfusionMatrix::new(3);
        assert!(m.add(&[0, 3], &[0, 0]).is_err());
        assert!(m.add(&[0, 1], &[0]).is_err());
        assert!(m.add(&[0], &[-1]).is_err());
        assert_eq!(m, ConfusionMatrix::new(3));
    }

    #[test]
    fn the_table_has_a_row_for_each_true_class() {
        let mut m = ConfusionMatrix::new(2);
        m.add(&[0, 1, 1], &[0, 1, 0]).unwrap();
        assert_eq!(m.table().rows(), [["0", "1", "0"], ["1", "1", "1"]]);
        assert_eq!(m.accuracy(), 2.0 / 3.0);
        assert_eq!(m.f1(1), 2.0 / 3.0);
    }
}
