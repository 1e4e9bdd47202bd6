//! Two data sets side by side.

use crate::{Dataset, Error, Result};

/// Pairs the items of two data sets of equal length, such as inputs and targets that are read in
/// different ways.
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, Zip};
/// let pairs = Zip::new(vec!["one", "two"], vec![1, 2])?;
/// assert_eq!(pairs.get(1)?, ("two", 2));
/// assert!(Zip::new(vec!["one", "two"], vec![1]).is_err());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Zip<A, B> {
    a: A,
    b: B,
}

impl<A: Dataset, B: Dataset> Zip<A, B> {
    /// Puts two data sets side by side.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if one is longer than the other.
    pub fn new(a: A, b: B) -> Result<Self> {
        let (expected, got) = (a.len(), b.len());
        if expected != got {
            return Err(Error::LengthMismatch { op: "Zip::new", what: "items", expected, got });
        }
        Ok(Self { a, b })
    }
}

impl<A: Dataset, B: Dataset> Dataset for Zip<A, B> {
    type Item = (A::Item, B::Item);

    fn len(&self) -> usize {
        self.a.len()
    }

    fn get(&self, index: usize) -> Result<Self::Item> {
        Ok((self.a.get(index)?, self.b.get(index)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_must_agree_and_ends_are_kept() {
        assert_eq!(
            Zip::new(vec![1, 2, 3], vec![1]).unwrap_err().to_string(),
            "Zip::new: expected 3 items, got 1"
        );
        let empty = Zip::new(Vec::<i32>::new(), Vec::<i32>::new()).unwrap();
        assert!(empty.is_empty() && empty.get(0).is_err());
    }
}
