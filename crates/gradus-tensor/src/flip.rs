//! Order reversed along dimensions.

use gradus_core::Dims;

use crate::dtypes::every;
use crate::{Result, Tensor};

impl Tensor {
    /// The order of the elements reversed along dimensions. A copy.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1, 2], [3, 4]]);
    /// assert_eq!(x.flip(-1)?.to_vec::<i64>()?, [2, 1, 4, 3]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn flip(&self, dims: impl Into<Dims>) -> Result<Self> {
        let dims = dims.into().resolve("flip", self.rank())?;
        let extents = self.dims();
        Ok(every!(self.dtype(), T => {
            let mut data = self.elements::<T>().into_owned();
            for dim in dims.into_iter().filter(|_| !self.is_empty()) {
                let inner: usize = extents[dim + 1..].iter().product();
                for plane in data.chunks_exact_mut(extents[dim] * inner) {
                    for i in 0..extents[dim] / 2 {
                        let (low, high) = plane.split_at_mut((extents[dim] - 1 - i) * inner);
                        low[i * inner..][..inner].swap_with_slice(&mut high[..inner]);
                    }
                }
            }
            Self::from_data(data, self.shape())
        }))
    }
}
