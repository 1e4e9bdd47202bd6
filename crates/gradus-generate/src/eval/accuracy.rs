//! Shares of samples that are what they should be.

use crate::{Error, Result};

/// The share of samples that a classifier reads as the class that was asked for.
///
/// With the answers of a reader of spoken words it is the keyword accuracy. It does not see whether
/// all samples of a class are one and the same: show a diversity beside it.
///
/// # Errors
/// [`Error::Length`] if there is no sample, or not one answer for each.
///
/// # Examples
/// ```
/// use gradus_generate::eval::class_accuracy;
/// assert_eq!(class_accuracy(&[3, 1, 4, 1], &[3, 1, 9, 1])?, 0.75);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn class_accuracy(asked: &[u32], answers: &[u32]) -> Result<f64> {
    if asked.len() != answers.len() {
        let (what, expected, got) = ("answers of a classifier", asked.len(), answers.len());
        return Err(Error::Length { what, expected, got });
    }
    share(asked.iter().zip(answers).map(|(a, b)| a == b))
}

/// The share of rows that have a form: rhyme, length of lines, brackets that close.
///
/// # Errors
/// [`Error::Length`] if there is no row.
///
/// # Examples
/// ```
/// use gradus_generate::eval::form_rate;
/// let even = |row: &[u32]| row.len().is_multiple_of(2);
/// assert_eq!(form_rate(&[vec![5, 6], vec![7]], even)?, 0.5);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn form_rate<R: AsRef<[u32]>>(rows: &[R], has_form: impl Fn(&[u32]) -> bool) -> Result<f64> {
    share(rows.iter().map(|row| has_form(row.as_ref())))
}

fn share(right: impl ExactSizeIterator<Item = bool>) -> Result<f64> {
    let n = right.len();
    if n == 0 {
        return Err(Error::Length { what: "samples, at least", expected: 1, got: 0 });
    }
    Ok(right.filter(|&r| r).count() as f64 / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sample_has_no_share() {
        assert!(class_accuracy(&[], &[]).is_err());
        assert!(class_accuracy(&[1], &[1, 2]).is_err());
        assert!(form_rate::<Vec<u32>>(&[], |_| true).is_err());
    }

    #[test]
    fn the_form_is_asked_of_every_row() {
        let rows: Vec<Vec<u32>> = (0..10).map(|n| vec![0; n]).collect();
        assert_eq!(form_rate(&rows, |row| row.len() < 3).unwrap(), 0.3);
        assert_eq!(form_rate(&rows, |_| false).unwrap(), 0.0);
    }
}
