//! A mean that is gathered.

/// A weighted mean, kept as sum and weight so that parts add up.
///
/// # Examples
/// ```
/// use gradus_train::Mean;
/// let mut mean = Mean::new(1.0, 3.0); // three examples with a mean of 1
/// mean.merge(Mean::new(5.0, 1.0));
/// assert_eq!(mean.value(), 2.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mean {
    pub(crate) sum: f64,
    pub(crate) weight: f64,
}

impl Mean {
    /// A value that stands for so many examples, tokens or characters. One of weight 0 says
    /// nothing, whatever its value.
    pub fn new(value: f64, weight: f64) -> Self {
        Self { sum: if weight == 0.0 { 0.0 } else { value * weight }, weight }
    }

    /// Adds another part.
    pub fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
    }

    /// The mean of all parts; NaN if they weigh nothing.
    pub fn value(self) -> f64 {
        self.sum / self.weight
    }
}
