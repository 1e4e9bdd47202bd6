//! The goodness of a function on one batch, and its average over many.

use std::collections::BTreeMap;

use gradus_autograd::Var;

/// What a loss function says about one batch: the loss to be made small, and metrics to be shown.
///
/// `examples` weighs the batch in the averages, so that a short last batch counts less. A plain
/// [`Var`] converts into a score of one example.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// use gradus_train::Score;
/// let loss = Var::constant(Tensor::scalar(0.5f32));
/// let score = Score::new(loss, 32).with("accuracy", 0.9);
/// assert_eq!(score.metrics["accuracy"], 0.9);
/// ```
#[derive(Debug, Clone)]
pub struct Score {
    /// One number, differentiable.
    pub loss: Var,
    /// How many examples it is the mean of.
    pub examples: usize,
    /// Further means over the examples, by name.
    pub metrics: BTreeMap<String, f64>,
}

impl Score {
    /// The mean loss of `examples` examples.
    pub fn new(loss: Var, examples: usize) -> Self {
        Self { loss, examples, metrics: BTreeMap::new() }
    }

    /// Adds a metric, a mean over the same examples.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: f64) -> Self {
        self.metrics.insert(name.into(), value);
        self
    }
}

impl From<Var> for Score {
    fn from(loss: Var) -> Self {
        Self::new(loss, 1)
    }
}

/// Averages of scores, weighted by their examples. Sums are kept in f64.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Means {
    pub(crate) examples: f64,
    pub(crate) sums: BTreeMap<String, f64>,
}

impl Means {
    /// Adds one batch; `loss` is its value.
    pub fn add(&mut self, loss: f64, score: &Score) {
        let n = score.examples as f64;
        self.examples += n;
        let metrics = score.metrics.iter().map(|(name, &v)| (name.as_str(), v));
        for (name, value) in std::iter::once(("loss", loss)).chain(metrics) {
            *self.sums.entry(name.to_owned()).or_default() += n * value;
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The average loss; NaN before the first batch.
    pub fn loss(&self) -> f64 {
        self.sums.get("loss").map_or(f64::NAN, |sum| sum / self.examples)
    }

    /// The averages by name; `loss` is one of them. Empty before the first batch.
    pub fn values(&self) -> BTreeMap<String, f64> {
        self.sums.iter().map(|(name, sum)| (name.clone(), sum / self.examples)).collect()
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;

    #[test]
    fn uneven_batches_are_weighed_by_their_examples() {
        let score = |n, acc| Score::new(Var::constant(Tensor::scalar(0f32)), n).with("acc", acc);
        let mut means = Means::default();
        means.add(1.0, &score(3, 1.0));
        means.add(5.0, &score(1, 0.0));
        assert_eq!(means.values()["loss"], 2.0);
        assert_eq!(means.values()["acc"], 0.75);
    }
}
