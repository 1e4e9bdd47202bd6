//! Running mean and variance, smallest and largest value.

use super::column_stream::Seen;

/// Count, mean and sum of squared deviations of a column.
///
/// # Reference
/// Welford 1962, "Note on a method for calculating corrected sums of squares and products".
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Seen for Moments {
    fn add(&mut self, v: f64) {
        self.n += 1;
        let before = v - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (v - self.mean);
    }

    fn is_empty(&self) -> bool {
        self.n == 0
    }
}

impl Moments {
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Self::default();
        values.into_iter().for_each(|v| moments.add(v));
        moments
    }

    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    /// Divided by n, not n − 1.
    pub(super) fn variance(&self) -> f64 {
        self.squares / self.n as f64
    }

    /// Population standard deviation; none if the values are constant but for rounding.
    pub(super) fn std(&self) -> Option<f64> {
        let (n, variance) = (self.n as f64, self.variance());
        // A constant column's variance is not exactly 0 in floating point; this is the bound of its
        // rounding errors that scikit-learn uses.
        let noise = n * f64::EPSILON * variance + (n * self.mean * f64::EPSILON).powi(2);
        (variance > noise).then(|| variance.sqrt())
    }
}

/// Smallest and largest value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Default for Extremes {
    fn default() -> Self {
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Seen for Extremes {
    fn add(&mut self, v: f64) {
        self.min = self.min.min(v);
        self.max = self.max.max(v);
    }

    fn is_empty(&self) -> bool {
        self.min > self.max
    }
}

/// A scale to divide by: 1 where the scale is rounding noise (scikit-learn's bound).
pub(super) fn divisor(scale: f64) -> f64 {
    if scale < 10.0 * f64::EPSILON { 1.0 } else { scale }
}
