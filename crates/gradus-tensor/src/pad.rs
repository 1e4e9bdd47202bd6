//! A constant border.

use gradus_core::{Layout, Shape};

use crate::dtypes::every;
use crate::nest::Nest;
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
        let nest = Nest::new([self.layout(), &place]);
        every!(self.dtype(), T => {
            let mut out = vec![exact::<T>("pad", "value", value)?; len];
            let block = self.block::<T>();
            nest.for_each_row(|len, [from, to], [s, t]| {
                if (s, t) == (1, 1) {
                    out[to..to + len].copy_from_slice(&block[from..from + len]);
                } else {
                    (0..len).for_each(|n| out[to + n * t] = block[from + n * s]);
                }
            });
            Ok(Self::from_data(out, shape))
        })
    }
}
