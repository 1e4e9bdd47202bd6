//! How much of a row was there before.

use super::ngram::counts;
use crate::{Error, Result};

/// The share of tokens that occur among the `window` tokens before them in their row.
///
/// With `window` 1 it is the rate of doubled tokens, the classic fault of drawing neighbours
/// together: each may choose the word that belongs to the other. Data repeat themselves too; the
/// figure says something beside theirs.
///
/// # Errors
/// [`Error::Parameter`] for a window of 0; [`Error::Length`] if no token has one before it.
///
/// # Reference
/// Welleck et al. 2020, "Neural Text Generation with Unlikelihood Training", section 6 (`rep/ℓ`).
///
/// # Examples
/// ```
/// use gradus_generate::eval::repeat_rate;
/// let rows = [vec![4, 4, 5, 4, 5]]; // of the last four, the first 4 alone is doubled
/// assert_eq!((repeat_rate(&rows, 1)?, repeat_rate(&rows, 2)?), (0.25, 0.75));
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn repeat_rate<R: AsRef<[u32]>>(rows: &[R], window: usize) -> Result<f64> {
    if window == 0 {
        return Err(Error::Parameter { name: "window", expected: "at least 1", got: 0.0 });
    }
    let (mut repeated, mut seen) = (0usize, 0usize);
    for row in rows.iter().map(AsRef::as_ref) {
        seen += row.len().saturating_sub(1);
        repeated +=
            (1..row.len()).filter(|&i| row[i.saturating_sub(window)..i].contains(&row[i])).count();
    }
    if seen == 0 {
        let what = "tokens with another before them, at least";
        return Err(Error::Length { what, expected: 1, got: 0 });
    }
    Ok(repeated as f64 / seen as f64)
}

/// The number of different n-grams over the number of n-grams: distinct-n.
///
/// It falls with the length and the number of rows: compare equal numbers.
///
/// # Errors
/// [`Error::Parameter`] for n = 0, [`Error::Length`] if no row has n tokens.
///
/// # Reference
/// Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models".
///
/// # Examples
/// ```
/// use gradus_generate::eval::distinct_n;
/// assert_eq!(distinct_n(&[vec![1, 2, 1, 2, 1]], 2)?, 0.5); // 1 2 and 2 1, of four
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn distinct_n<R: AsRef<[u32]>>(rows: &[R], n: usize) -> Result<f64> {
    let counts = counts(rows, n)?;
    Ok(counts.len() as f64 / counts.values().sum::<u64>() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_repeats_and_a_count_does_not() {
        let (constant, count) = ([vec![5u32; 9]], [(0..9u32).collect::<Vec<_>>()]);
        for window in [1, 3, 100] {
            assert_eq!(repeat_rate(&constant, window).unwrap(), 1.0);
            assert_eq!(repeat_rate(&count, window).unwrap(), 0.0);
        }
        assert_eq!(distinct_n(&count, 3).unwrap(), 1.0);
        assert_eq!(distinct_n(&constant, 1).unwrap(), 1.0 / 9.0);
    }

    #[test]
    fn rows_do_not_run_into_each_other() {
        assert_eq!(repeat_rate(&[vec![1, 2], vec![2, 3]], 2).unwrap(), 0.0);
    }

    #[test]
    fn what_cannot_repeat_is_refused() {
        assert!(repeat_rate(&[vec![1u32]], 1).is_err() && repeat_rate(&[[1u32, 1]], 0).is_err());
        assert!(distinct_n(&[[1u32]], 2).is_err() && distinct_n(&[[1u32]], 0).is_err());
    }
}
