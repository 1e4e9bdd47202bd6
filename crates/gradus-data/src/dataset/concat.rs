//! Data sets one after the other.

use crate::{Dataset, Error, Result, Stack};

/// The items of several data sets, one data set after the other.
///
/// Data sets of different types are joined as `Arc<dyn Dataset<Item = T>>` or `Box<dyn …>`.
///
/// # Examples
/// ```
/// use gradus_data::{Concat, Dataset};
/// let all = Concat::new(vec![vec!['a', 'b'], vec![], vec!['c']]);
/// assert_eq!((all.len(), all.get(2)?), (3, 'c'));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Concat<D> {
    parts: Vec<D>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl<D: Dataset> Concat<D> {
    /// Joins data sets; an empty one, or none at all, is allowed.
    pub fn new(parts: Vec<D>) -> Self {
        let ends = parts.iter().scan(0, |end, part| {
            *end += part.len();
            Some(*end)
        });
        let ends = ends.collect();
        Self { parts, ends }
    }

    /// The part of an item and its place there.
    fn place(&self, index: usize) -> Result<(usize, usize)> {
        self.check_index(index)?;
        let part = self.ends.partition_point(|&end| end <= index);
        let start = if part == 0 { 0 } else { self.ends[part - 1] };
        Ok((part, index - start))
    }
}

impl<D: Dataset> Dataset for Concat<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        let (part, place) = self.place(index)?;
        self.parts[part].get(place)
    }

    fn get_batch(&self, indices: &[usize]) -> Result<D::Item>
    where
        D::Item: Stack,
    {
        let places: Vec<_> = indices.iter().map(|&i| self.place(i)).collect::<Result<_>>()?;
        match places.first() {
            // One part can be faster for several items than for one after the other.
            Some(&(part, _)) if places.iter().all(|&(p, _)| p == part) => {
                let within: Vec<usize> = places.into_iter().map(|(_, place)| place).collect();
                self.parts[part].get_batch(&within)
            }
            Some(_) => {
                let items = places.into_iter().map(|(part, place)| self.parts[part].get(place));
                Stack::stack(items.collect::<Result<_>>()?)
            }
            None => match self.parts.first() {
                Some(part) => part.get_batch(&[]),
                None => Err(no_parts()),
            },
        }
    }
}

fn no_parts() -> Error {
    let got = "none".to_owned();
    Error::InvalidArgument { op: "Concat::get_batch", name: "parts", expected: "one or more", got }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::{DType, Tensor};
    use proptest::prelude::*;

    use super::*;
    use crate::TensorDataset;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn items_follow_each_other(
            parts in prop::collection::vec(prop::collection::vec(0i64..100, 0..5), 0..5),
        ) {
            let all = Concat::new(parts.clone());
            let got: Vec<i64> = (0..all.len()).map(|i| all.get(i).unwrap()).collect();
            prop_assert_eq!(got, parts.concat());
            prop_assert!(all.get(all.len()).is_err());
        }
    }

    #[test]
    fn batches_within_and_across_parts_are_the_stacked_items() {
        let part = |start: f64| {
            let x = Tensor::arange(start, start + 3.0, 1.0, DType::F32).unwrap();
            TensorDataset::new([x]).unwrap()
        };
        let all = Concat::new(vec![part(0.0), part(3.0)]);
        for (indices, expected) in
            [(&[5, 3][..], &[5.0, 3.0][..]), (&[4, 0], &[4.0, 0.0]), (&[], &[])]
        {
            let [batch] = all.get_batch(indices).unwrap();
            assert_eq!(batch.to_vec::<f32>().unwrap(), expected);
        }
        assert!(all.get_batch(&[6]).is_err());
        assert!(Concat::<TensorDataset<1>>::new(vec![]).get_batch(&[]).is_err());
    }
}
