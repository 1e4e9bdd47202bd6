//! The goodness of a function on one batch, and over many.

use std::collections::BTreeMap;

use gradus_autograd::Var;
use gradus_tensor::{DType, Tensor};

use super::{Mean, Metric};
use crate::error::Result;

/// What a loss function says about one batch: the loss to be made small, and metrics to be shown.
///
/// `examples` weighs the batch in the averages, so that a short last batch counts less. A plain
/// [`Var`] converts into a score of one example.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// use gradus_train::{ConfusionMatrix, Metric, Score};
/// let (logits, y) = (Tensor::new([[0.1, 0.9], [0.8, 0.2]]), Tensor::new([1, 1]));
/// let loss = Var::constant(Tensor::scalar(0.5f32));
/// let score = Score::new(loss, 2)
///     .with("confidence", 0.85) // a mean over the batch's examples
///     .gather("accuracy", Metric::Accuracy(ConfusionMatrix::of(&logits, &y)?));
/// assert_eq!(score.values()["accuracy"], 0.5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Score {
    /// One number, differentiable.
    pub loss: Var,
    /// How many examples it is the mean of.
    pub examples: usize,
    /// Further means over the examples, by name.
    pub metrics: BTreeMap<String, f64>,
    /// Metrics that are read from what all batches add up to, by name.
    pub gathered: BTreeMap<String, Metric>,
}

impl Score {
    /// The mean loss of `examples` examples.
    pub fn new(loss: Var, examples: usize) -> Self {
        Self { loss, examples, metrics: BTreeMap::new(), gathered: BTreeMap::new() }
    }

    /// Adds a mean over the same examples.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: f64) -> Self {
        self.metrics.insert(name.into(), value);
        self
    }

    /// Adds a metric that is no mean: its parts are gathered from all batches before it is read.
    #[must_use]
    pub fn gather(mut self, name: impl Into<String>, metric: Metric) -> Self {
        self.gathered.insert(name.into(), metric);
        self
    }

    /// Adds three numbers that tell the health of a layer's output: its `mean`, the root of its
    /// mean square (`rms`), and the share of it that is exactly zero (`zero`: dead units).
    ///
    /// # Errors
    /// If the tensor is not of numbers.
    pub fn with_activation(mut self, name: &str, output: &Tensor) -> Result<Self> {
        let values = output.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let weight = values.len() as f64;
        let sum = |f: fn(f64) -> f64| values.iter().map(|&v| f(v)).sum::<f64>();
        let zero = sum(|v| f64::from(u8::from(v == 0.0)));
        let mut add = |what: &str, metric| self.gathered.insert(format!("{name}/{what}"), metric);
        add("mean", Metric::Mean(Mean { sum: sum(|v| v), weight }));
        add("zero", Metric::Mean(Mean { sum: zero, weight }));
        let errors = super::Errors { count: weight, squared: sum(|v| v * v), ..Default::default() };
        add("rms", Metric::Rmse(errors));
        Ok(self)
    }

    /// The values of all metrics on this batch.
    pub fn values(&self) -> BTreeMap<String, f64> {
        let gathered = self.gathered.iter().map(|(name, metric)| (name.clone(), metric.value()));
        self.metrics.clone().into_iter().chain(gathered).collect()
    }
}

impl From<Var> for Score {
    fn from(loss: Var) -> Self {
        Self::new(loss, 1)
    }
}

/// What the scores of many batches add up to: means weighted by their examples, with sums in f64,
/// and gathered metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Means {
    pub(crate) examples: f64,
    pub(crate) sums: BTreeMap<String, f64>,
    pub(crate) gathered: BTreeMap<String, Metric>,
}

impl Means {
    /// Adds one batch; `loss` is its value. A batch of no example adds nothing to a mean.
    ///
    /// # Errors
    /// Those of [`Metric::merge`].
    pub fn add(&mut self, loss: f64, score: &Score) -> Result<()> {
        for (name, metric) in &score.gathered {
            match self.gathered.get_mut(name) {
                Some(sum) => sum.merge(metric)?,
                None => drop(self.gathered.insert(name.clone(), metric.clone())),
            }
        }
        let n = score.examples as f64;
        self.examples += n;
        let metrics = score.metrics.iter().map(|(name, &v)| (name.as_str(), v));
        for (name, value) in std::iter::once(("loss", loss)).chain(metrics) {
            let sum = self.sums.entry(name.to_owned()).or_default();
            *sum += if score.examples == 0 { 0.0 } else { n * value };
        }
        Ok(())
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The average loss; NaN before the first batch.
    pub fn loss(&self) -> f64 {
        self.sums.get("loss").map_or(f64::NAN, |sum| sum / self.examples)
    }

    /// The values by name; `loss` is one of them. Empty before the first batch.
    pub fn values(&self) -> BTreeMap<String, f64> {
        let means = self.sums.iter().map(|(name, sum)| (name.clone(), sum / self.examples));
        means.chain(self.gathered.iter().map(|(name, m)| (name.clone(), m.value()))).collect()
    }

    /// What the gathered metrics are read from.
    pub fn gathered(&self) -> &BTreeMap<String, Metric> {
        &self.gathered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Average, ConfusionMatrix};

    fn score(n: usize) -> Score {
        Score::new(Var::constant(Tensor::scalar(0f32)), n)
    }

    #[test]
    fn uneven_batches_are_weighed_by_their_examples() {
        let mut means = Means::default();
        means.add(1.0, &score(3).with("acc", 1.0)).unwrap();
        means.add(5.0, &score(1).with("acc", 0.0)).unwrap();
        means.add(f64::NAN, &score(0).with("acc", f64::NAN)).unwrap();
        assert_eq!(means.values()["loss"], 2.0);
        assert_eq!(means.values()["acc"], 0.75);
    }

    #[test]
    fn what_is_no_mean_is_read_from_all_batches_together() {
        let f1 = |truth: &[i64], predicted: &[i64]| {
            let mut matrix = ConfusionMatrix::new(2);
            matrix.add(truth, predicted).unwrap();
            score(truth.len()).gather("f1", Metric::F1(matrix, Average::Class(1)))
        };
        let mut means = Means::default();
        means.add(0.0, &f1(&[1, 1, 0], &[1, 0, 0])).unwrap();
        means.add(0.0, &f1(&[0], &[0])).unwrap(); // its own F1 is undefined
        assert_eq!(means.values()["f1"], 2.0 / 3.0);
        let other = score(1).gather("f1", Metric::Mean(Mean::new(1.0, 1.0)));
        assert!(means.add(0.0, &other).is_err());
    }

    #[test]
    fn an_activation_tells_its_mean_size_and_dead_share() {
        let score =
            score(1).with_activation("hidden", &Tensor::new([0.0, 0.0, 3.0, -1.0])).unwrap();
        let values = score.values();
        assert_eq!((values["hidden/mean"], values["hidden/zero"]), (0.5, 0.5));
        assert_eq!(values["hidden/rms"], 2.5f64.sqrt());
    }
}
