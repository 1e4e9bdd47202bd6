//! Which classes are taken for which.

use gradus_tensor::Tensor;

use super::simple::same_shape;
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

/// How the values of several classes become one, with scikit-learn's names. A class that occurs
/// neither among the true nor among the predicted ones is left out, and one whose value is
/// undefined counts as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// None: the value of one class, as of the positive one.
    Class(usize),
    /// The mean over classes.
    Macro,
    /// The mean over classes, weighed by how often each is true.
    Weighted,
    /// All decisions taken together; it is the accuracy.
    Micro,
}

impl Average {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Class(class) => class.to_string(),
            Self::Macro => "macro".to_owned(),
            Self::Weighted => "weighted".to_owned(),
            Self::Micro => "micro".to_owned(),
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        match text {
            "macro" => Some(Self::Macro),
            "weighted" => Some(Self::Weighted),
            "micro" => Some(Self::Micro),
            class => class.parse().ok().map(Self::Class),
        }
    }
}

impl ConfusionMatrix {
    /// An empty matrix.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// The matrix of one batch of a classifier, which predicts the class of the largest logit.
    ///
    /// # Shapes
    /// - `logits`: `[..., classes]`, `targets`: i64 `[...]`
    ///
    /// # Errors
    /// If the shapes do not fit or a target is no class.
    pub fn of(logits: &Tensor, targets: &Tensor) -> Result<Self> {
        let predicted = logits.argmax(-1)?;
        same_shape("targets", targets, predicted.dims())?;
        let mut matrix = Self::new(logits.size(-1)?);
        matrix.add(&targets.to_vec::<i64>()?, &predicted.to_vec::<i64>()?)?;
        Ok(matrix)
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

    /// Adds another matrix.
    ///
    /// # Errors
    /// [`Error::Config`] if the numbers of classes differ; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.classes != other.classes {
            let got = format!("{} and {}", self.classes, other.classes);
            let (field, expected) = ("classes", "the same number of classes");
            return Err(Error::Config { field, expected, got });
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
        Ok(())
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often class `truth` was taken for `predicted`.
    ///
    /// # Panics
    /// If a class is out of range.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.classes + predicted]
    }

    /// The share of pairs that agree; NaN when empty.
    pub fn accuracy(&self) -> f64 {
        self.agreed() / self.total()
    }

    /// Of what was called `class`, the share that is; NaN if nothing was.
    pub fn precision(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.called(class)
    }

    /// Of what is `class`, the share that was called so; NaN if there is none.
    pub fn recall(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.true_count(class)
    }

    /// The harmonic mean of precision and recall, 2·tp / (2·tp + fp + fn); NaN if the class occurs
    /// neither among the true nor among the predicted ones.
    pub fn f1(&self, class: usize) -> f64 {
        let right = self.count(class, class) as f64;
        2.0 * right / (self.called(class) + self.true_count(class))
    }

    /// [Precision](Self::precision) as one number.
    pub fn average_precision(&self, average: Average) -> f64 {
        self.average(average, Self::precision)
    }

    /// [Recall](Self::recall) as one number.
    pub fn average_recall(&self, average: Average) -> f64 {
        self.average(average, Self::recall)
    }

    /// [F1](Self::f1) as one number.
    pub fn average_f1(&self, average: Average) -> f64 {
        self.average(average, Self::f1)
    }

    /// Mean recall of the classes that are true at least once: an accuracy that does not rise by
    /// guessing the most frequent class.
    pub fn balanced_accuracy(&self) -> f64 {
        let there: Vec<usize> = (0..self.classes).filter(|&c| self.true_count(c) > 0.0).collect();
        there.iter().map(|&c| self.recall(c)).sum::<f64>() / there.len() as f64
    }

    /// Matthews' correlation of true and predicted classes, −1..=1; 0 if either is constant.
    ///
    /// # Reference
    /// Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient".
    pub fn matthews(&self) -> f64 {
        let n = self.total();
        let product = |a: fn(&Self, usize) -> f64, b: fn(&Self, usize) -> f64| {
            (0..self.classes).map(|c| a(self, c) * b(self, c)).sum::<f64>()
        };
        let covariance = self.agreed() * n - product(Self::called, Self::true_count);
        let of_called = n * n - product(Self::called, Self::called);
        let of_true = n * n - product(Self::true_count, Self::true_count);
        let scale = (of_called * of_true).sqrt();
        if scale == 0.0 { 0.0 } else { covariance / scale }
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

    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub(crate) fn from_counts(classes: usize, counts: Vec<u64>) -> Option<Self> {
        (counts.len() == classes * classes).then_some(Self { classes, counts })
    }

    fn average(&self, average: Average, of: fn(&Self, usize) -> f64) -> f64 {
        let weight: fn(&Self, usize) -> f64 = match average {
            Average::Class(class) => return of(self, class),
            Average::Micro => return self.accuracy(),
            Average::Macro => |_, _| 1.0,
            Average::Weighted => Self::true_count,
        };
        let (mut sum, mut weights) = (0.0, 0.0);
        for class in (0..self.classes).filter(|&c| self.called(c) + self.true_count(c) > 0.0) {
            let value = of(self, class);
            sum += weight(self, class) * if value.is_nan() { 0.0 } else { value };
            weights += weight(self, class);
        }
        sum / weights
    }

    fn called(&self, class: usize) -> f64 {
        (0..self.classes).map(|t| self.count(t, class)).sum::<u64>() as f64
    }

    fn true_count(&self, class: usize) -> f64 {
        (0..self.classes).map(|p| self.count(class, p)).sum::<u64>() as f64
    }

    fn agreed(&self) -> f64 {
        (0..self.classes).map(|c| self.count(c, c)).sum::<u64>() as f64
    }

    fn total(&self) -> f64 {
        self.counts.iter().sum::<u64>() as f64
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
        assert!(m.merge(&ConfusionMatrix::new(2)).is_err());
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

    #[test]
    fn a_class_that_is_never_hit_has_an_f1_of_zero() {
        let mut m = ConfusionMatrix::new(3);
        m.add(&[0, 1], &[0, 0]).unwrap();
        assert_eq!((m.f1(1), m.recall(1)), (0.0, 0.0));
        assert!(m.precision(1).is_nan() && m.f1(2).is_nan());
        assert_eq!(m.average_recall(Average::Macro), 0.5); // class 2 does not occur
        assert!(ConfusionMatrix::new(2).average_f1(Average::Macro).is_nan());
    }

    #[test]
    fn logits_give_their_largest_class() {
        let logits = Tensor::new([[0.1, 0.9], [0.8, 0.2]]);
        let m = ConfusionMatrix::of(&logits, &Tensor::new([1, 1])).unwrap();
        assert_eq!((m.count(1, 1), m.count(1, 0)), (1, 1));
        assert!(ConfusionMatrix::of(&logits, &Tensor::new([1, 2])).is_err());
    }
}
