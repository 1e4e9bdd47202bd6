//! A number that is read from what many batches add up to.

use gradus_tensor::{DType, Tensor};

use super::{Average, Calibration, ConfusionMatrix, Errors, Mean, Ranking};
use crate::error::{Error, Result};

/// What a batch adds to a metric, and how the metric is read from what all batches add up to.
///
/// The value over an epoch is that of all its examples taken together, however they are dealt into
/// batches; for most metrics that is not the mean of the values of batches.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::{Errors, Metric};
/// let of = |p, y| Errors::of(&Tensor::new([p]), &Tensor::new([y]));
/// let mut rmse = Metric::Rmse(of(3.0, 0.0)?);
/// rmse.merge(&Metric::Rmse(of(0.0, 0.0)?))?;
/// assert_eq!(rmse.value(), 4.5f64.sqrt()); // not 1.5
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// The mean itself.
    Mean(Mean),
    /// e to the power of a mean of nats per token.
    Perplexity(Mean),
    /// A mean of nats in bits, as bits per character.
    Bits(Mean),
    /// Mean absolute error.
    Mae(Errors),
    /// Mean squared error.
    Mse(Errors),
    /// Root mean squared error.
    Rmse(Errors),
    /// Explained share of the variance.
    R2(Errors),
    /// The share of predictions that are right.
    Accuracy(ConfusionMatrix),
    /// See [`ConfusionMatrix::precision`].
    Precision(ConfusionMatrix, Average),
    /// See [`ConfusionMatrix::recall`].
    Recall(ConfusionMatrix, Average),
    /// See [`ConfusionMatrix::f1`].
    F1(ConfusionMatrix, Average),
    /// Area under the ROC curve.
    Auc(Ranking),
    /// See [`Ranking::average_precision`].
    AveragePrecision(Ranking),
    /// Expected calibration error.
    CalibrationError(Calibration),
}

impl Metric {
    /// The number.
    pub fn value(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.value(),
            Self::Perplexity(mean) => super::perplexity(mean.value()),
            Self::Bits(mean) => super::bits(mean.value()),
            Self::Mae(errors) => errors.mae(),
            Self::Mse(errors) => errors.mse(),
            Self::Rmse(errors) => errors.rmse(),
            Self::R2(errors) => errors.r2(),
            Self::Accuracy(matrix) => matrix.accuracy(),
            Self::Precision(matrix, average) => matrix.average_precision(*average),
            Self::Recall(matrix, average) => matrix.average_recall(*average),
            Self::F1(matrix, average) => matrix.average_f1(*average),
            Self::Auc(ranking) => ranking.auc(),
            Self::AveragePrecision(ranking) => ranking.average_precision(),
            Self::CalibrationError(calibration) => calibration.error(),
        }
    }

    /// Adds another batch.
    ///
    /// # Errors
    /// [`Error::Config`] if the other is another metric, or of other classes or bins; nothing is
    /// added then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.kind() != other.kind() {
            let got = format!("{} after {}", other.kind(), self.kind());
            let (field, expected) = ("metric", "the same metric in every batch");
            return Err(Error::Config { field, expected, got });
        }
        match (self, other) {
            (
                Self::Mean(a) | Self::Perplexity(a) | Self::Bits(a),
                Self::Mean(b) | Self::Perplexity(b) | Self::Bits(b),
            ) => a.merge(*b),
            (
                Self::Mae(a) | Self::Mse(a) | Self::Rmse(a) | Self::R2(a),
                Self::Mae(b) | Self::Mse(b) | Self::Rmse(b) | Self::R2(b),
            ) => a.merge(b),
            (
                Self::Accuracy(a) | Self::Precision(a, _) | Self::Recall(a, _) | Self::F1(a, _),
                Self::Accuracy(b) | Self::Precision(b, _) | Self::Recall(b, _) | Self::F1(b, _),
            ) => a.merge(b)?,
            (
                Self::Auc(a) | Self::AveragePrecision(a),
                Self::Auc(b) | Self::AveragePrecision(b),
            ) => a.merge(b),
            (Self::CalibrationError(a), Self::CalibrationError(b)) => a.merge(b)?,
            _ => unreachable!("the same kind has the same contents"),
        }
        Ok(())
    }

    /// The matrix that the metric is read from, if it is read from one.
    pub fn confusion(&self) -> Option<&ConfusionMatrix> {
        match self {
            Self::Accuracy(m) | Self::Precision(m, _) | Self::Recall(m, _) | Self::F1(m, _) => {
                Some(m)
            }
            _ => None,
        }
    }

    /// The name of the variant, with its average: what has to be the same to be added.
    pub(crate) fn kind(&self) -> String {
        let averaged = |name: &str, average: &Average| format!("{name} {}", average.text());
        match self {
            Self::Mean(_) => "mean".to_owned(),
            Self::Perplexity(_) => "perplexity".to_owned(),
            Self::Bits(_) => "bits".to_owned(),
            Self::Mae(_) => "mae".to_owned(),
            Self::Mse(_) => "mse".to_owned(),
            Self::Rmse(_) => "rmse".to_owned(),
            Self::R2(_) => "r2".to_owned(),
            Self::Accuracy(_) => "accuracy".to_owned(),
            Self::Precision(_, average) => averaged("precision", average),
            Self::Recall(_, average) => averaged("recall", average),
            Self::F1(_, average) => averaged("f1", average),
            Self::Auc(_) => "auc".to_owned(),
            Self::AveragePrecision(_) => "average_precision".to_owned(),
            Self::CalibrationError(_) => "calibration_error".to_owned(),
        }
    }

    /// Everything beside the kind, to be saved with all its bits. Counts are exact in f64 up to
    /// 2⁵³.
    pub(crate) fn values(&self) -> Result<Tensor> {
        let (rows, values): (usize, Vec<f64>) = match self {
            Self::Mean(m) | Self::Perplexity(m) | Self::Bits(m) => (1, vec![m.sum, m.weight]),
            Self::Mae(e) | Self::Mse(e) | Self::Rmse(e) | Self::R2(e) => {
                (1, vec![e.count, e.absolute, e.squared, e.mean, e.spread])
            }
            Self::Accuracy(m) | Self::Precision(m, _) | Self::Recall(m, _) | Self::F1(m, _) => {
                (m.classes(), m.counts().iter().map(|&n| n as f64).collect())
            }
            Self::Auc(r) | Self::AveragePrecision(r) => {
                (r.pairs.len(), r.pairs.iter().flat_map(|&(score, y)| [score, y]).collect())
            }
            Self::CalibrationError(c) => (c.bins.len(), c.bins.concat()),
        };
        let columns = values.len().checked_div(rows).unwrap_or(2);
        Ok(Tensor::from_vec(values, [rows, columns])?)
    }

    /// The metric of a kind with saved values.
    pub(crate) fn from_saved(kind: &str, saved: &Tensor) -> Result<Self, String> {
        let wrong = || format!("metric {kind:?} has values of shape {:?}", saved.dims());
        if saved.rank() != 2 || saved.dtype() != DType::F64 {
            return Err(wrong());
        }
        let all = saved.to_vec::<f64>().map_err(|e| e.to_string())?;
        let fixed = |n: usize| if all.len() == n { Ok(&all[..]) } else { Err(wrong()) };
        let mean = || fixed(2).map(|v| Mean { sum: v[0], weight: v[1] });
        let errors = || {
            let [count, absolute, squared, mean, spread] =
                fixed(5)?.try_into().map_err(|_| wrong())?;
            Ok::<_, String>(Errors { count, absolute, squared, mean, spread })
        };
        let matrix = || {
            let counts = all.iter().map(|&n| n as u64).collect();
            ConfusionMatrix::from_counts(saved.dims()[0], counts).ok_or_else(wrong)
        };
        let ranking = || match saved.dims()[1] {
            2 => Ok(Ranking { pairs: all.chunks_exact(2).map(|p| (p[0], p[1])).collect() }),
            _ => Err(wrong()),
        };
        let (name, average) = kind.split_once(' ').unwrap_or((kind, ""));
        let average = || Average::from_text(average).ok_or_else(|| format!("metric {kind:?}"));
        Ok(match name {
            "mean" => Self::Mean(mean()?),
            "perplexity" => Self::Perplexity(mean()?),
            "bits" => Self::Bits(mean()?),
            "mae" => Self::Mae(errors()?),
            "mse" => Self::Mse(errors()?),
            "rmse" => Self::Rmse(errors()?),
            "r2" => Self::R2(errors()?),
            "accuracy" => Self::Accuracy(matrix()?),
            "precision" => Self::Precision(matrix()?, average()?),
            "recall" => Self::Recall(matrix()?, average()?),
            "f1" => Self::F1(matrix()?, average()?),
            "auc" => Self::Auc(ranking()?),
            "average_precision" => Self::AveragePrecision(ranking()?),
            "calibration_error" if saved.dims()[1] == 3 => Self::CalibrationError(Calibration {
                bins: all.chunks_exact(3).map(|b| [b[0], b[1], b[2]]).collect(),
            }),
            _ => return Err(format!("it has an unknown metric {kind:?}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Vec<Metric> {
        let matrix = || {
            let mut matrix = ConfusionMatrix::new(3);
            matrix.add(&[0, 1, 2, 2], &[0, 2, 2, 1]).unwrap();
            matrix
        };
        let half = Tensor::from([0.5f64, 0.25]);
        let labels = Tensor::new([1, 0]);
        let ranking = || Ranking::of(&half, &labels).unwrap();
        let errors = Errors::of(&half, &labels).unwrap();
        let mean = Mean::new(f64::NAN, 3.0);
        vec![
            Metric::Mean(mean),
            Metric::Perplexity(Mean::new(0.1, 3.0)),
            Metric::Bits(Mean::new(0.1, 3.0)),
            Metric::Mae(errors),
            Metric::Mse(errors),
            Metric::Rmse(errors),
            Metric::R2(errors),
            Metric::Accuracy(matrix()),
            Metric::Precision(matrix(), Average::Macro),
            Metric::Recall(matrix(), Average::Weighted),
            Metric::F1(matrix(), Average::Class(2)),
            Metric::Auc(ranking()),
            Metric::Auc(Ranking::default()),
            Metric::AveragePrecision(ranking()),
            Metric::CalibrationError(Calibration::of(&half, &labels, 4).unwrap()),
        ]
    }

    #[test]
    fn every_kind_makes_the_round_trip() {
        for metric in every_kind() {
            let saved = metric.values().unwrap();
            let back = Metric::from_saved(&metric.kind(), &saved).unwrap();
            // Compared as text, since NaN is unlike itself.
            assert_eq!(format!("{back:?}"), format!("{metric:?}"));
        }
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        for metric in every_kind() {
            let other = Tensor::from_vec(vec![0.0f64; 7], [1, 7]).unwrap();
            assert!(Metric::from_saved(&metric.kind(), &other).is_err(), "{metric:?}");
            assert!(Metric::from_saved("fame", &metric.values().unwrap()).is_err());
        }
        let flat = Tensor::from([1.0f64, 2.0]);
        assert!(Metric::from_saved("mean", &flat).is_err());
        let matrix = ConfusionMatrix::new(2);
        let saved = Metric::Accuracy(matrix).values().unwrap();
        assert!(Metric::from_saved("f1 somehow", &saved).is_err());
    }

    #[test]
    fn only_like_is_added_to_like() {
        let kinds = every_kind();
        for (i, a) in kinds.iter().enumerate() {
            for (j, b) in kinds.iter().enumerate() {
                let same = a.kind() == b.kind();
                assert_eq!(a.clone().merge(b).is_ok(), same, "{i} {j}");
            }
        }
        let mut f1 = Metric::F1(ConfusionMatrix::new(2), Average::Micro);
        assert!(f1.merge(&Metric::F1(ConfusionMatrix::new(3), Average::Micro)).is_err());
        assert!(f1.merge(&Metric::F1(ConfusionMatrix::new(2), Average::Macro)).is_err());
    }
}
