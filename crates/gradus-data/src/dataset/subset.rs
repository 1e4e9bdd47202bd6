//! Some items of a data set.

use crate::{Dataset, Error, Result, Stack};

/// The items of a data set at given indices, in their order; an index may be repeated.
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, Subset};
/// let data = vec!["a", "b", "c", "d"];
/// let odd = Subset::new(&data, vec![1, 3])?;
/// assert_eq!(odd.get(1)?, "d");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Subset<D> {
    dataset: D,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// Picks items. `dataset` may be a reference or an `Arc`, so that several subsets share it.
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`] if an index lies beyond the end.
    pub fn new(dataset: D, indices: Vec<usize>) -> Result<Self> {
        let len = dataset.len();
        match indices.iter().find(|&&i| i >= len) {
            Some(&index) => Err(Error::IndexOutOfRange { index, len }),
            None => Ok(Self { dataset, indices }),
        }
    }

    /// The items that a predicate holds for, in their order. Every item is made once, here.
    ///
    /// # Errors
    /// Those of [`Dataset::get`].
    ///
    /// # Examples
    /// ```
    /// use gradus_data::{Dataset, Subset};
    /// let long = Subset::filter(vec!["a", "bcd", "ef"], |word| word.len() > 1)?;
    /// assert_eq!((long.len(), long.get(0)?), (2, "bcd"));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn filter(dataset: D, predicate: impl Fn(&D::Item) -> bool) -> Result<Self> {
        let mut indices = Vec::new();
        for index in 0..dataset.len() {
            if predicate(&dataset.get(index)?) {
                indices.push(index);
            }
        }
        Ok(Self { dataset, indices })
    }

    /// Positions of the items in the data set below.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The data set below.
    pub const fn dataset(&self) -> &D {
        &self.dataset
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        self.check_index(index)?;
        self.dataset.get(self.indices[index])
    }

    fn get_batch(&self, indices: &[usize]) -> Result<D::Item>
    where
        D::Item: Stack,
    {
        indices.iter().try_for_each(|&i| self.check_index(i))?;
        let below: Vec<usize> = indices.iter().map(|&i| self.indices[i]).collect();
        self.dataset.get_batch(&below)
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::TensorDataset;

    #[test]
    fn indices_are_looked_up_below() {
        let data = TensorDataset::new([Tensor::from([10.0f32, 11.0, 12.0])]).unwrap();
        let subset = Subset::new(data, vec![2, 0, 2]).unwrap();
        let [batch] = subset.get_batch(&[2, 1]).unwrap();
        assert_eq!(batch.to_vec::<f32>().unwrap(), [12.0, 10.0]);
        assert_eq!(subset.get(0).unwrap()[0].item().unwrap(), 12.0);
        assert!(subset.get(3).is_err() && subset.get_batch(&[3]).is_err());
        assert!(Subset::new(vec![0, 1], vec![2]).is_err());
    }

    #[test]
    fn a_filter_keeps_the_order_and_may_keep_nothing() {
        let even = Subset::filter(vec![4, 1, 2, 3, 0], |x| x % 2 == 0).unwrap();
        assert_eq!(even.indices(), [0, 2, 4]);
        assert!(Subset::filter(vec![1], |_| false).unwrap().is_empty());
    }
}
