//! Rows of tensors.

use gradus_tensor::Tensor;

use crate::{Dataset, Error, Result};

/// Tensors that share their first dimension, such as inputs and targets; an item is one row of
/// each, and a batch several rows.
///
/// # Shapes
/// - tensors `[N, ...]` → items `[...]`, batches `[B, ...]`
///
/// # Examples
/// ```
/// use gradus_data::{Dataset, TensorDataset};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// let y = Tensor::new([0, 1, 0]);
/// let data = TensorDataset::new([x, y])?;
/// let [x, y] = data.get_batch(&[2, 0])?;
/// assert_eq!(x.to_vec::<f32>()?, [5.0, 6.0, 1.0, 2.0]);
/// assert_eq!(y.to_vec::<i64>()?, [0, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TensorDataset<const N: usize> {
    tensors: [Tensor; N],
    len: usize,
}

impl<const N: usize> TensorDataset<N> {
    /// Takes tensors with equal first dimensions.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the first dimensions differ; [`Error::InvalidArgument`] if
    /// there is no tensor or one is 0-d.
    pub fn new(tensors: [Tensor; N]) -> Result<Self> {
        let op = "TensorDataset::new";
        let invalid = |expected, got: &str| Error::InvalidArgument {
            op,
            name: "tensors",
            expected,
            got: got.to_owned(),
        };
        let mut lens = tensors.iter().map(|t| t.dims().first().copied());
        let no_tensor = || invalid("one tensor or more", "none");
        let scalar = || invalid("of rank 1 or more", "a 0-d tensor");
        let len = lens.next().ok_or_else(no_tensor)?.ok_or_else(scalar)?;
        for other in lens {
            let got = other.ok_or_else(scalar)?;
            if got != len {
                return Err(Error::LengthMismatch { op, what: "rows", expected: len, got });
            }
        }
        Ok(Self { tensors, len })
    }

    /// The tensors.
    pub const fn tensors(&self) -> &[Tensor; N] {
        &self.tensors
    }

    fn each(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<[Tensor; N]> {
        let rows = self.tensors.iter().map(f).collect::<Result<Vec<_>>>()?;
        Ok(rows.try_into().unwrap_or_else(|_| unreachable!("one for each of N tensors")))
    }
}

impl<const N: usize> Dataset for TensorDataset<N> {
    type Item = [Tensor; N];

    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, index: usize) -> Result<[Tensor; N]> {
        self.check_index(index)?;
        self.each(|t| Ok(t.select(0, index)?))
    }

    fn get_batch(&self, indices: &[usize]) -> Result<[Tensor; N]> {
        indices.iter().try_for_each(|&i| self.check_index(i))?;
        let ids = Tensor::from(indices.iter().map(|&i| i as i64).collect::<Vec<_>>());
        self.each(|t| Ok(t.index_select(0, &ids)?))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;
    use crate::Stack;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_batch_is_its_stacked_items(indices in prop::collection::vec(0usize..7, 1..9)) {
            let x = Tensor::arange(0.0, 42.0, 1.0, DType::F32).unwrap().reshape([7, 2, 3]).unwrap();
            let x = x.transpose(1, 2).unwrap();
            let y = Tensor::arange(0.0, 7.0, 1.0, DType::I64).unwrap();
            let data = TensorDataset::new([x, y]).unwrap();
            let items = indices.iter().map(|&i| data.get(i).unwrap()).collect();
            let expected: [Tensor; 2] = Stack::stack(items).unwrap();
            let got = data.get_batch(&indices).unwrap();
            prop_assert!(got.iter().zip(&expected).all(|(a, b)| a.equal(b)));
        }
    }

    #[test]
    fn unequal_lengths_and_scalars_are_refused() {
        let make = |a: &[f32], b: &[f32]| TensorDataset::new([Tensor::from(a), Tensor::from(b)]);
        assert_eq!(
            make(&[1.0, 2.0], &[1.0]).unwrap_err().to_string(),
            "TensorDataset::new: expected 2 rows, got 1"
        );
        let scalar = TensorDataset::new([Tensor::scalar(1.0f32)]).unwrap_err();
        assert!(scalar.to_string().contains("0-d"));
        assert!(TensorDataset::<0>::new([]).is_err());
        let data = make(&[1.0], &[1.0]).unwrap();
        assert!(data.get(1).is_err() && data.get_batch(&[0, 1]).is_err());
    }
}
