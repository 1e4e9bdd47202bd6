//! Labels that a loss can take.

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Refuses labels that are no class of `0..n_classes`, with the position of the first: a check to
/// make once, when data is read, instead of in the middle of training.
///
/// # Errors
/// [`Error::LabelOutOfRange`]; [`Error::Tensor`] if the labels are not i64.
///
/// # Examples
/// ```
/// use gradus_data::check_labels;
/// use gradus_tensor::Tensor;
/// assert!(check_labels(&Tensor::new([0, 2, 1]), 3).is_ok());
/// let error = check_labels(&Tensor::new([0, 3, 1]), 3).unwrap_err();
/// assert_eq!(error.to_string(), "label 3 at position 1 is out of range for 3 classes");
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn check_labels(labels: &Tensor, n_classes: usize) -> Result<()> {
    let labels: Vec<i64> = labels.to_vec()?;
    let outside = |&label: &i64| usize::try_from(label).map_or(true, |label| label >= n_classes);
    match labels.iter().position(outside) {
        Some(position) => {
            Err(Error::LabelOutOfRange { label: labels[position], position, n_classes })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_looked_at() {
        assert!(check_labels(&Tensor::from(Vec::<i64>::new()), 0).is_ok());
        assert!(check_labels(&Tensor::from([0i64, -1]), 2).is_err());
        assert!(check_labels(&Tensor::from([[0i64, 1], [1, 2]]), 2).is_err());
        assert!(check_labels(&Tensor::from([0.0f32]), 2).is_err());
    }
}
