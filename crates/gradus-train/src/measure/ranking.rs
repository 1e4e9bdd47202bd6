//! How well scores put positive examples before negative ones.

use gradus_tensor::{DType, Tensor};

use super::simple::same_shape;
use crate::error::{Error, Result};

/// The scores and labels of a two-class problem. All are kept, so that what is read is exact, with
/// ties counted half.
///
/// # Reference
/// Fawcett 2006, "An introduction to ROC analysis".
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::Ranking;
/// let ranking = Ranking::of(&Tensor::new([0.1, 0.4, 0.35, 0.8]), &Tensor::new([0, 0, 1, 1]))?;
/// assert_eq!(ranking.auc(), 0.75);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Score, and 1 for a positive example, 0 for a negative one.
    pub(crate) pairs: Vec<(f64, f64)>,
}

/// How many positive and negative examples have at least a score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Level {
    positive: f64,
    negative: f64,
}

impl Ranking {
    /// Scores of one batch, the higher the more likely positive: a probability or a logit.
    ///
    /// # Shapes
    /// - `scores`: float `[...]`, `targets`: i64, u8 or bool of the same shape, 1 for positive
    ///
    /// # Errors
    /// [`Error::Config`] if the shapes differ, a target is neither 0 nor 1, or a score is NaN.
    pub fn of(scores: &Tensor, targets: &Tensor) -> Result<Self> {
        same_shape("targets", targets, scores.dims())?;
        let scores = scores.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let targets = targets.to_dtype(DType::F64)?.to_vec::<f64>()?;
        if let Some(bad) = targets.iter().find(|&&t| t != 0.0 && t != 1.0) {
            let expected = "0 for a negative example, 1 for a positive one";
            return Err(Error::Config { field: "targets", expected, got: bad.to_string() });
        }
        if scores.iter().any(|score| score.is_nan()) {
            let expected = "scores that can be put in order";
            return Err(Error::Config { field: "scores", expected, got: "NaN".to_owned() });
        }
        Ok(Self { pairs: scores.into_iter().zip(targets).collect() })
    }

    /// Adds the scores of another batch.
    pub fn merge(&mut self, other: &Self) {
        self.pairs.extend_from_slice(&other.pairs);
    }

    /// Area under the ROC curve: the probability that a positive example has a higher score than a
    /// negative one. NaN unless there are both.
    pub fn auc(&self) -> f64 {
        let levels = self.levels();
        let all = levels[levels.len() - 1];
        let area: f64 = levels
            .windows(2)
            .map(|w| (w[1].negative - w[0].negative) * (w[1].positive + w[0].positive) / 2.0)
            .sum();
        area / (all.positive * all.negative)
    }

    /// Average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over the scores as thresholds, highest first, without
    /// interpolation. NaN if there is no positive example.
    pub fn average_precision(&self) -> f64 {
        let levels = self.levels();
        let all = levels[levels.len() - 1];
        let precision = |level: &Level| level.positive / (level.positive + level.negative);
        let rise = |w: &[Level]| (w[1].positive - w[0].positive) * precision(&w[1]);
        levels.windows(2).map(rise).sum::<f64>() / all.positive
    }

    /// The ROC curve: false positive rate and true positive rate, from (0, 0) to (1, 1).
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let levels = self.levels();
        let all = levels[levels.len() - 1];
        levels.iter().map(|l| (l.negative / all.negative, l.positive / all.positive)).collect()
    }

    /// Recall and precision for every score as threshold, highest first.
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        let levels = self.levels();
        let all = levels[levels.len() - 1];
        let point = |l: &Level| (l.positive / all.positive, l.positive / (l.positive + l.negative));
        levels[1..].iter().map(point).collect()
    }

    /// The counts above every distinct score, highest first; zeros before the first.
    fn levels(&self) -> Vec<Level> {
        let mut pairs = self.pairs.clone();
        // -0 and 0 are the same score, which `total_cmp` would tell apart.
        pairs.sort_by(|a, b| b.0.partial_cmp(&a.0).expect("NaN is refused on the way in"));
        let mut levels = vec![Level::default()];
        let mut level = Level::default();
        for (i, &(score, label)) in pairs.iter().enumerate() {
            level.positive += label;
            level.negative += 1.0 - label;
            if pairs.get(i + 1).is_none_or(|next| next.0 != score) {
                levels.push(level);
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranking(pairs: &[(i64, bool)]) -> Ranking {
        let pairs = pairs.iter().map(|&(s, y)| (s as f64, f64::from(u8::from(y)))).collect();
        Ranking { pairs }
    }

    proptest! {
        #[test]
        fn the_area_counts_pairs_in_the_right_order(
            pairs in prop::collection::vec((0..9i64, any::<bool>()), 0..40),
        ) {
            let side = |want: bool| pairs.iter().filter(move |p| p.1 == want).map(|p| p.0);
            let (mut right, mut all) = (0.0, 0.0);
            for positive in side(true) {
                for negative in side(false) {
                    all += 1.0;
                    right += if positive > negative { 1.0 } else { 0.0 };
                    right += if positive == negative { 0.5 } else { 0.0 };
                }
            }
            let (auc, expected) = (ranking(&pairs).auc(), right / all);
            prop_assert!((auc - expected).abs() < 1e-12 || (auc.is_nan() && all == 0.0));
        }
    }

    #[test]
    fn what_cannot_be_ranked_is_refused() {
        let scores = Tensor::new([0.5, f32::NAN]);
        assert!(Ranking::of(&scores, &Tensor::new([0, 1])).is_err());
        let scores = Tensor::new([0.5, 0.6]);
        assert!(Ranking::of(&scores, &Tensor::new([0, 2])).is_err());
        assert!(Ranking::of(&scores, &Tensor::new([0])).is_err());
    }

    #[test]
    fn signed_zeros_tie() {
        let targets = Tensor::new([1, 0]);
        for scores in [[0.0, -0.0], [-0.0, 0.0]] {
            assert_eq!(Ranking::of(&Tensor::new(scores), &targets).unwrap().auc(), 0.5);
        }
    }

    #[test]
    fn the_curves_end_where_they_should() {
        let ranking = ranking(&[(3, true), (2, false), (1, true)]);
        assert_eq!(ranking.roc(), [(0.0, 0.0), (0.0, 0.5), (1.0, 0.5), (1.0, 1.0)]);
        assert_eq!(ranking.precision_recall(), [(0.5, 1.0), (0.5, 0.5), (1.0, 2.0 / 3.0)]);
        assert!(
            Ranking::default().auc().is_nan() && Ranking::default().precision_recall().is_empty()
        );
    }
}
