//! `cumsum`.

use gradus_core::{Dim, Dims};

use crate::dtypes::unsupported;
use crate::reduce::axes::Axes;
use crate::{DType, Element, Result, Tensor};

impl Tensor {
    /// The running sum along a dimension. `u8` and `bool` add up to `i64`; `i64` wraps around.
    /// `f32` is summed in `f64`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`]; [`gradus_core::Error::UnsupportedDType`] for `bf16`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([1, 2, 3]).cumsum(0)?.to_vec::<i64>()?, [1, 3, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cumsum(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into();
        match self.dtype() {
            DType::F32 => self.scan(dim, 0.0, |sum: &mut f64, x: f32| {
                *sum += f64::from(x);
                *sum as f32
            }),
            DType::F64 => self.scan(dim, 0.0, |sum: &mut f64, x: f64| {
                *sum += x;
                *sum
            }),
            DType::I64 => self.scan(dim, 0, |sum: &mut i64, x: i64| {
                *sum = sum.wrapping_add(x);
                *sum
            }),
            DType::U8 | DType::Bool => self.to_dtype(DType::I64)?.cumsum(dim),
            got @ DType::BF16 => Err(unsupported("cumsum", "any other dtype", got)),
        }
    }

    fn scan<T: Element, A: Copy>(
        &self,
        dim: Dim,
        start: A,
        next: impl Fn(&mut A, T) -> T,
    ) -> Result<Self> {
        let axes = Axes::new("cumsum", self, &Dims::from(dim))?;
        let mut out = self.elements::<T>().into_owned();
        if !out.is_empty() {
            for plane in out.chunks_exact_mut(axes.len * axes.inner) {
                let mut sums = vec![start; axes.inner];
                for row in plane.chunks_exact_mut(axes.inner) {
                    row.iter_mut().zip(&mut sums).for_each(|(x, sum)| *x = next(sum, *x));
                }
            }
        }
        Ok(Self::from_data(out, self.shape()))
    }
}
