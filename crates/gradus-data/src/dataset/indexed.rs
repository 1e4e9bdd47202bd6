//! What a data set is.

use std::sync::Arc;

use crate::{Error, Result, Stack};

/// A collection of items that can be fetched by index, in any order and from any thread.
///
/// `get` must be a pure function of the index: the same batches then come out for any number of
/// loader workers, and again after a resume.
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, Result};
///
/// struct Squares(usize);
///
/// impl Dataset for Squares {
///     type Item = usize;
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn get(&self, index: usize) -> Result<usize> {
///         self.check_index(index)?;
///         Ok(index * index)
///     }
/// }
/// assert_eq!(Squares(5).get(3)?, 9);
/// assert!(Squares(5).get(5).is_err());
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Dataset {
    /// What one index gives, for example a row and its label.
    type Item;

    /// How many items there are.
    fn len(&self) -> usize;

    /// The item at an index.
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`] beyond the end, and whatever reading the item can run into.
    fn get(&self, index: usize) -> Result<Self::Item>;

    /// Whether there is no item.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Several items stacked into a batch. Data sets that hold their items side by side override
    /// this with something faster than one `get` per index; the result is the same.
    ///
    /// # Errors
    /// Those of [`Dataset::get`]; and items of different shapes cannot be stacked. A batch of no
    /// item has a shape only if the data set knows one, as [`crate::TensorDataset`] does.
    fn get_batch(&self, indices: &[usize]) -> Result<Self::Item>
    where
        Self::Item: Stack,
    {
        Stack::stack(indices.iter().map(|&i| self.get(i)).collect::<Result<_>>()?)
    }

    /// Refuses an index beyond the end; the first line of most `get`s.
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`].
    fn check_index(&self, index: usize) -> Result<()> {
        let len = self.len();
        if index < len { Ok(()) } else { Err(Error::IndexOutOfRange { index, len }) }
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            type Item = D::Item;

            fn len(&self) -> usize {
                (**self).len()
            }

            fn get(&self, index: usize) -> Result<D::Item> {
                (**self).get(index)
            }

            fn get_batch(&self, indices: &[usize]) -> Result<D::Item>
            where
                D::Item: Stack,
            {
                (**self).get_batch(indices)
            }
        }
    )*};
}

forward!(&D, Arc<D>, Box<D>);

impl<T: Clone> Dataset for Vec<T> {
    type Item = T;

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn get(&self, index: usize) -> Result<T> {
        self.check_index(index)?;
        Ok(self[index].clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_data_sets_too() {
        let data = vec![1, 2, 3];
        let shared: Arc<dyn Dataset<Item = i32>> = Arc::new(data.clone());
        assert_eq!(Dataset::len(&&data), 3);
        assert_eq!(shared.get(2).unwrap(), 3);
        assert_eq!(
            shared.get(3).unwrap_err().to_string(),
            "index 3 is out of range for a data set of 3 items"
        );
        assert!(Dataset::is_empty(&Vec::<i32>::new()));
    }
}
