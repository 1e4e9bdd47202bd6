//! The parts of matrices below and above a diagonal.

use crate::dtypes::every;
use crate::{Error, Result, Tensor};

impl Tensor {
    /// The last two dimensions on and below diagonal `k`, zero (`false`) above; 0 is the main
    /// diagonal, positive ones lie above it.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two dimensions.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let causal = Tensor::ones([2, 2], DType::Bool)?.tril(0)?;
    /// assert_eq!(causal.to_vec::<bool>()?, [true, false, true, true]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn tril(&self, k: i64) -> Result<Self> {
        self.triangle("tril", |below| i128::from(k) >= below)
    }

    /// The last two dimensions on and above diagonal `k`, zero (`false`) below.
    ///
    /// # Errors
    /// As [`Tensor::tril`].
    pub fn triu(&self, k: i64) -> Result<Self> {
        self.triangle("triu", |below| i128::from(k) <= below)
    }

    /// Keeps element `(i, j)` if `keep(j - i)`.
    fn triangle(&self, op: &'static str, keep: impl Fn(i128) -> bool) -> Result<Self> {
        let [.., rows, columns] = *self.dims() else {
            let (expected, got) = ("at least two dimensions".into(), self.shape().clone());
            return Err(Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got }));
        };
        Ok(every!(self.dtype(), T => {
            let mut data = self.elements::<T>().into_owned();
            for (i, row) in data.chunks_mut(columns.max(1)).enumerate() {
                for (j, x) in row.iter_mut().enumerate() {
                    if !keep(j as i128 - (i % rows) as i128) {
                        *x = T::default();
                    }
                }
            }
            Self::from_data(data, self.shape())
        }))
    }
}
