//! What is learned from and what is tested on.

use gradus_tensor::Tensor;

use crate::transform::rows_at;
use crate::{Error, Result, TrainRows};

/// A training and a test part that share no item.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, Shuffle, StandardScalerConfig, Transform, k_fold};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]);
/// for fold in k_fold(6, 3, Shuffle::No)? {
///     // What the scaler learns, it learns from this fold's training rows.
///     let scaler = StandardScalerConfig::default().fit(&fold.train_rows(&x)?)?;
///     let test = scaler.transform(&fold.test_rows(&x)?)?;
///     assert_eq!(test.dims(), &[2, 1]);
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    train: Vec<usize>,
    test: Vec<usize>,
}

impl Fold {
    /// These parts of `0..len`. Items may be in neither, and several times in one.
    ///
    /// # Errors
    /// [`Error::EmptyPart`]; [`Error::IndexOutOfRange`]; [`Error::Leak`] if the parts share an
    /// item.
    pub fn new(len: usize, train: Vec<usize>, test: Vec<usize>) -> Result<Self> {
        if let Some(part) = [&train, &test].iter().position(|part| part.is_empty()) {
            return Err(Error::EmptyPart { op: "Fold::new", part, len });
        }
        let mut in_train = vec![false; len];
        for &index in &train {
            let place = in_train.get_mut(index);
            *place.ok_or(Error::IndexOutOfRange { index, len })? = true;
        }
        for &index in &test {
            match in_train.get(index) {
                None => return Err(Error::IndexOutOfRange { index, len }),
                Some(true) => return Err(Error::Leak { index }),
                Some(false) => {}
            }
        }
        Ok(Self { train, test })
    }

    /// Those of `0..len` that are not in the rising `test`, and these.
    pub(super) fn without(len: usize, test: Vec<usize>) -> Self {
        let train = (0..len).filter(|i| test.binary_search(i).is_err()).collect();
        Self { train, test }
    }

    /// Indices of the training part.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// Indices of the test part.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// The rows of `x` that may be learned from.
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`] if `x` is shorter than what was split.
    pub fn train_rows(&self, x: &Tensor) -> Result<TrainRows> {
        TrainRows::select(x, &self.train)
    }

    /// The rows of `x` that are tested on.
    ///
    /// # Errors
    /// If `x` is shorter than what was split.
    pub fn test_rows(&self, x: &Tensor) -> Result<Tensor> {
        rows_at(x, &self.test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_item_is_a_leak() {
        let message = |train: &[usize], test: &[usize]| {
            Fold::new(4, train.to_vec(), test.to_vec()).unwrap_err().to_string()
        };
        assert_eq!(message(&[0, 1], &[1]), "item 1 is in the training part and in the test part");
        assert!(message(&[0, 4], &[1]).contains("index 4"));
        assert!(message(&[0], &[4]).contains("index 4"));
        assert!(message(&[], &[1]).contains("part 0 would be empty"));
        assert!(message(&[1], &[]).contains("part 1 would be empty"));
        assert!(Fold::new(4, vec![0, 0], vec![3]).is_ok());
    }
}
