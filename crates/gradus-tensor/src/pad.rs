//! A constant border.

use gradus_core::{Layout, Shape};
use gradus_cpu::memory::full;

use crate::dtypes::every;
use crate::nest::paste;
use crate::scalar::exact;
use crate::tensor::checked_len;
use crate::{Result, Tensor};

impl Tensor {
    /// `before` and `after` constants added to each dimension, from the first dimension on.
    ///
    /// # Shapes
    /// Extent `n` becomes `before + n + after`; `pad` has one pair per dimension.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless there is one pair per dimension, or if an
    /// integer dtype cannot hold the value; [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 2]).pad(&[(1, 2)], 9.0)?;
    /// assert_eq!(x.to_vec::<i64>()?, [9, 1, 2, 9, 9]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn pad(&self, pad: &[(usize, usize)], value: f64) -> Result<Self> {
        if pad.len() != self.rank() {
            return Err(gradus_core::Error::InvalidArgument {
                op: "pad",
                name: "pad",
                expected: "one pair per dimension",
                got: format!("{} pairs for shape {}", pad.len(), self.shape()),
            }
            .into());
        }
        let extent = |(&d, &(before, after)): (&usize, &(usize, usize))| {
            d.saturating_add(before).saturating_add(after)
        };
        let shape: Shape = self.dims().iter().zip(pad).map(extent).collect();
        let len = checked_len("pad", &shape, self.dtype())?;
        let mut place = Layout::contiguous(&shape);
        for (dim, &(before, _)) in pad.iter().enumerate() {
            place = place.narrow(dim, before, self.dims()[dim])?;
        }
        every!(self.dtype(), T => {
            let mut out = full(exact::<T>("pad", "value", value)?, len);
            paste(self.block::<T>(), self.layout(), &mut out, &place);
            Ok(Self::from_data(out, shape))
        })
    }
}
