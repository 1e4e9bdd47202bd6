//! The guard against learning from what is held out.

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Rows that may be learned from.
///
/// A scaler that is fitted before the split has seen the test rows, and the test flatters the
/// model. Therefore `fit` takes no plain tensor: the rows come from the training part of a split
/// ([`TrainRows::select`], [`crate::Fold::train_rows`]), or the caller says that nothing of the
/// table is held out ([`TrainRows::whole`]). A plain tensor does not compile:
///
/// ```compile_fail
/// use gradus_data::{Fit, StandardScalerConfig};
/// use gradus_tensor::Tensor;
/// let scaler = StandardScalerConfig::default().fit(&Tensor::new([[1.0], [2.0]]));
/// ```
///
/// # Examples
/// ```
/// use gradus_data::{TrainRows, chronological_split};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [4.0]]);
/// let [train, test] = chronological_split(4, [0.75, 0.25])?;
/// let rows = TrainRows::select(&x, &train)?;
/// assert_eq!(rows.tensor().dims(), &[3, 1]);
/// // All rows of a table are no part of a split.
/// assert!(TrainRows::select(&x, &[train, test].concat()).is_err());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrainRows {
    tensor: Tensor,
}

impl TrainRows {
    /// The rows of `x` at the indices of a split's training part.
    ///
    /// # Errors
    /// [`Error::IndexOutOfRange`]; [`Error::NothingHeldOut`] if every row is among them; if `x` has
    /// no dimension.
    pub fn select(x: &Tensor, train: &[usize]) -> Result<Self> {
        let len = x.size(0)?;
        let mut held_out = vec![true; len];
        for &index in train {
            let row = held_out.get_mut(index).ok_or(Error::IndexOutOfRange { index, len })?;
            *row = false;
        }
        if !held_out.contains(&true) {
            return Err(Error::NothingHeldOut { len });
        }
        Ok(Self { tensor: rows_at(x, train)? })
    }

    /// All rows of `x`: what is held out, if anything, is in another tensor.
    pub fn whole(x: &Tensor) -> Self {
        Self { tensor: x.clone() }
    }

    /// The rows.
    pub const fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// Other columns of the same rows: what an earlier step made of them.
    pub(super) fn map(&self, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self { tensor: f(&self.tensor)? })
    }
}

/// The rows of `x` at these indices.
pub(crate) fn rows_at(x: &Tensor, indices: &[usize]) -> Result<Tensor> {
    let ids: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
    Ok(x.index_select(0, &Tensor::from(ids))?)
}
