//! Whether a probability means what it says.

use gradus_tensor::{DType, Tensor};

use super::simple::same_shape;
use crate::error::{Error, Result};

/// Predictions in bins of equal width by their confidence.
///
/// # Reference
/// Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 1–5.
///
/// # Examples
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::Calibration;
/// // Said with 90 % confidence, and right only half of the time.
/// let calibration = Calibration::of(&Tensor::new([0.9, 0.9]), &Tensor::new([1, 0]), 10)?;
/// assert!((calibration.error() - 0.4).abs() < 1e-6);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Count, sum of confidences, sum of hits.
    pub(crate) bins: Vec<[f64; 3]>,
}

/// One bin of a [`Calibration`]: the diagram of reliability has a point for each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// How many predictions it holds.
    pub count: u64,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

impl Calibration {
    /// The predictions of one batch: how sure each is, and whether it is right. In a two-class
    /// problem, the probability of the positive class and the class do as well.
    ///
    /// Bin i of M holds the confidences in ((i − 1)/M, i/M]; 0 is in the first.
    ///
    /// # Shapes
    /// - `confidence`: float `[...]`, `right`: i64, u8 or bool of the same shape, 0 or 1
    ///
    /// # Errors
    /// [`Error::Config`] if the shapes differ, a confidence is not in 0..=1, a value of `right` is
    /// neither 0 nor 1, or there is no bin.
    pub fn of(confidence: &Tensor, right: &Tensor, bins: usize) -> Result<Self> {
        let fault = |field, expected, got: String| Err(Error::Config { field, expected, got });
        same_shape("right", right, confidence.dims())?;
        if bins == 0 {
            return fault("bins", "1 bin or more", "0".to_owned());
        }
        let confidence = confidence.to_dtype(DType::F64)?.to_vec::<f64>()?;
        let right = right.to_dtype(DType::F64)?.to_vec::<f64>()?;
        if let Some(bad) = confidence.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return fault("confidence", "a probability", bad.to_string());
        }
        if let Some(bad) = right.iter().find(|&&r| r != 0.0 && r != 1.0) {
            return fault("right", "0 or 1", bad.to_string());
        }
        let edges: Vec<f64> = (1..bins).map(|i| i as f64 / bins as f64).collect();
        let mut filled = Self { bins: vec![[0.0; 3]; bins] };
        for (p, r) in confidence.into_iter().zip(right) {
            let bin = &mut filled.bins[edges.partition_point(|&edge| edge < p)];
            *bin = [bin[0] + 1.0, bin[1] + p, bin[2] + r];
        }
        Ok(filled)
    }

    /// The predictions of a classifier: its confidence is the largest probability, which is right
    /// if it is at the target.
    ///
    /// # Shapes
    /// - `logits`: `[..., classes]`, `targets`: i64 `[...]`
    ///
    /// # Errors
    /// If the shapes do not fit, a logit is NaN, or there is no bin.
    pub fn of_logits(logits: &Tensor, targets: &Tensor, bins: usize) -> Result<Self> {
        let best = logits.argmax(-1)?;
        same_shape("targets", targets, best.dims())?;
        let (confidence, _) = logits.to_dtype(DType::F64)?.softmax(-1)?.topk(1, -1)?;
        let confidence = confidence.squeeze(-1)?.clamp(0.0, 1.0)?;
        Self::of(&confidence, &best.eq(targets)?, bins)
    }

    /// Adds the predictions of another batch.
    ///
    /// # Errors
    /// [`Error::Config`] if the numbers of bins differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.bins.len() != other.bins.len() {
            let got = format!("{} and {}", self.bins.len(), other.bins.len());
            let (field, expected) = ("bins", "the same number of bins");
            return Err(Error::Config { field, expected, got });
        }
        for (mine, theirs) in self.bins.iter_mut().zip(&other.bins) {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        Ok(())
    }

    /// The bins that hold anything, in the order of their confidence.
    pub fn bins(&self) -> impl Iterator<Item = CalibrationBin> {
        self.bins.iter().filter(|bin| bin[0] > 0.0).map(|&[n, confidence, right]| CalibrationBin {
            count: n as u64,
            confidence: confidence / n,
            accuracy: right / n,
        })
    }

    /// Expected calibration error: how far confidence and accuracy are apart, in the mean over
    /// predictions. NaN when empty.
    pub fn error(&self) -> f64 {
        let count: f64 = self.bins.iter().map(|bin| bin[0]).sum();
        self.bins.iter().map(|bin| (bin[1] - bin[2]).abs()).sum::<f64>() / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_open_below_and_closed_above() {
        let confidence = Tensor::from([0.0f64, 0.25, 0.5, 0.500001, 1.0]);
        let filled = Calibration::of(&confidence, &Tensor::new([0, 0, 1, 1, 1]), 4).unwrap();
        let counts: Vec<f64> = filled.bins.iter().map(|bin| bin[0]).collect();
        assert_eq!(counts, [2.0, 1.0, 1.0, 1.0]);
        assert_eq!(filled.bins().map(|bin| bin.accuracy).collect::<Vec<_>>(), [0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let of = |p: f32, r, bins| Calibration::of(&Tensor::new([p]), &Tensor::new([r]), bins);
        assert!(of(1.1, 1, 10).is_err() && of(f32::NAN, 1, 10).is_err());
        assert!(of(0.5, 2, 10).is_err() && of(0.5, 1, 0).is_err());
        assert!(of(0.5, 1, 3).unwrap().merge(&of(0.5, 1, 4).unwrap()).is_err());
    }

    #[test]
    fn logits_are_as_sure_as_their_softmax() {
        let logits = Tensor::new([[0.0, 3f32.ln()], [800.0, -800.0]]);
        let filled = Calibration::of_logits(&logits, &Tensor::new([1, 1]), 4).unwrap();
        // 0.75 is right and in the third bin or, by a rounding, the fourth; 1 is wrong.
        assert_eq!(filled.bins().map(|bin| bin.count).sum::<u64>(), 2);
        let sure: f64 = filled.bins.iter().map(|bin| bin[1]).sum();
        assert!((sure - 1.75).abs() < 1e-6);
    }
}
