//! Sequences of different lengths in one batch.

use gradus_tensor::Tensor;

use crate::{Collate, Dataset, Error, Result};

/// Sequences filled up to the longest one.
///
/// # Shapes
/// - `values`: `[B, T, ...]` with `T` the longest length; `lengths`: `[B]`, i64
#[derive(Debug, Clone)]
pub struct PaddedBatch {
    /// The sequences, filled up at their ends.
    pub values: Tensor,
    /// How long each sequence was.
    pub lengths: Tensor,
}

impl PaddedBatch {
    /// Where a value comes from a sequence and not from filling up.
    ///
    /// # Shapes
    /// - → `[B, T]`, bool
    ///
    /// # Errors
    /// Those of tensor operations on fields that were replaced.
    pub fn mask(&self) -> Result<Tensor> {
        let extent = self.values.dims().get(1).copied().unwrap_or(0);
        let lengths: Vec<i64> = self.lengths.to_vec()?;
        let row = |&n: &i64| (0..extent).map(move |t| (t as i64) < n);
        let mask: Vec<bool> = lengths.iter().flat_map(row).collect();
        Ok(Tensor::from_vec(mask, [lengths.len(), extent])?)
    }
}

/// Fills sequences up to the longest one and stacks them.
///
/// # Shapes
/// - `sequences`: `[T_i, ...]`, alike but for the first dimension → `[B, T, ...]`
///
/// # Errors
/// [`Error::InvalidArgument`] if there is no sequence or one is 0-d; [`Error::Tensor`] if dtypes or
/// other dimensions differ.
///
/// # Reference
/// PyTorch's `pad_sequence` with `batch_first=True`, and the lengths with it.
///
/// # Examples
/// ```
/// use gradus_data::pad_sequence;
/// use gradus_tensor::Tensor;
/// let batch = pad_sequence(&[Tensor::new([5, 6, 7]), Tensor::new([8])], 0.0)?;
/// assert_eq!(batch.values.to_vec::<i64>()?, [5, 6, 7, 8, 0, 0]);
/// assert_eq!(batch.lengths.to_vec::<i64>()?, [3, 1]);
/// assert_eq!(batch.mask()?.to_vec::<bool>()?, [true, true, true, true, false, false]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn pad_sequence(sequences: &[Tensor], value: f64) -> Result<PaddedBatch> {
    let invalid = |expected, got: &str| {
        let (op, name) = ("pad_sequence", "sequences");
        Error::InvalidArgument { op, name, expected, got: got.to_owned() }
    };
    let length = |x: &Tensor| {
        let scalar = || invalid("of rank 1 or more", "a 0-d tensor");
        x.dims().first().copied().ok_or_else(scalar)
    };
    let lengths: Vec<usize> = sequences.iter().map(length).collect::<Result<_>>()?;
    let longest = lengths.iter().max().ok_or_else(|| invalid("one or more", "none"))?;
    let fill = |(x, &n): (&Tensor, &usize)| {
        let mut pad = vec![(0, 0); x.rank()];
        pad[0].1 = longest - n;
        x.pad(&pad, value)
    };
    let filled = sequences.iter().zip(&lengths).map(fill);
    let filled = filled.collect::<gradus_tensor::Result<Vec<_>>>()?;
    let lengths: Vec<i64> = lengths.into_iter().map(|n| n as i64).collect();
    Ok(PaddedBatch { values: Tensor::stack(&filled, 0)?, lengths: Tensor::from(lengths) })
}

/// Collates sequences of different lengths: [`pad_sequence`] as a [`Collate`].
///
/// Items are a sequence, or a sequence and a tensor that is stacked, such as a label.
///
/// # Examples
/// ```
/// use gradus_data::{Loader, LoaderConfig, Padded};
/// use gradus_tensor::Tensor;
/// let texts = vec![
///     (Tensor::new([1, 2]), Tensor::scalar(0i64)),
///     (Tensor::new([3, 4, 5]), Tensor::scalar(1i64)),
/// ];
/// let loader = Loader::with_collate(texts, LoaderConfig::new(2), Padded { value: 0.0 })?;
/// for batch in loader.epoch(0) {
///     let (text, label) = batch?;
///     assert_eq!((text.values.dims(), label.dims()), (&[2, 3][..], &[2][..]));
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Padded {
    /// What fills up: for token ids the id of the padding token.
    pub value: f64,
}

/// What [`Padded`] can put together.
pub trait PadItem: Sized {
    /// The batch.
    type Batch;

    /// Puts items together.
    ///
    /// # Errors
    /// Those of [`pad_sequence`], and of stacking.
    fn pad_items(items: Vec<Self>, value: f64) -> Result<Self::Batch>;
}

impl PadItem for Tensor {
    type Batch = PaddedBatch;

    fn pad_items(items: Vec<Self>, value: f64) -> Result<PaddedBatch> {
        pad_sequence(&items, value)
    }
}

impl PadItem for (Tensor, Tensor) {
    type Batch = (PaddedBatch, Tensor);

    fn pad_items(items: Vec<Self>, value: f64) -> Result<Self::Batch> {
        let (sequences, labels): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let padded = pad_sequence(&sequences, value)?;
        Ok((padded, Tensor::stack(&labels, 0)?))
    }
}

impl<D: Dataset + ?Sized> Collate<D> for Padded
where
    D::Item: PadItem,
{
    type Batch = <D::Item as PadItem>::Batch;

    fn collate(&self, dataset: &D, indices: &[usize]) -> Result<Self::Batch> {
        let items = indices.iter().map(|&i| dataset.get(i)).collect::<Result<_>>()?;
        PadItem::pad_items(items, self.value)
    }
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn sequences_come_back_from_a_padded_batch(
            rows in prop::collection::vec(prop::collection::vec(-9i64..9, 0..6), 1..6),
        ) {
            let sequences: Vec<Tensor> = rows.iter().map(|r| Tensor::from(r.clone())).collect();
            let batch = pad_sequence(&sequences, -1.0).unwrap();
            let longest = rows.iter().map(Vec::len).max().unwrap();
            prop_assert_eq!(batch.values.dims(), &[rows.len(), longest]);
            let mask: Vec<bool> = batch.mask().unwrap().to_vec().unwrap();
            prop_assert_eq!(mask.iter().filter(|&&m| m).count(), rows.concat().len());
            for (i, row) in rows.iter().enumerate() {
                let got: Vec<i64> = batch.values.select(0, i).unwrap().to_vec().unwrap();
                prop_assert_eq!(&got[..row.len()], &row[..]);
                prop_assert!(got[row.len()..].iter().all(|&v| v == -1));
            }
        }
    }

    #[test]
    fn frames_keep_their_other_dimensions() {
        let frames = |n| Tensor::ones([n, 3], DType::F32).unwrap();
        let batch = pad_sequence(&[frames(2), frames(4)], 0.5).unwrap();
        assert_eq!(batch.values.dims(), &[2, 4, 3]);
        assert_eq!(batch.values.sum(..).unwrap().item().unwrap(), 18.0 + 3.0);
        assert!(
            pad_sequence(&[frames(2), Tensor::ones([2, 4], DType::F32).unwrap()], 0.0).is_err()
        );
        assert!(pad_sequence(&[], 0.0).is_err());
        assert!(pad_sequence(&[Tensor::scalar(1.0f32)], 0.0).is_err());
    }
}
