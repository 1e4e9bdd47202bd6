//! Writing a part of a tensor.

use gradus_core::Dim;

use crate::dtypes::{every, same};
use crate::{Element, Result, Tensor};

impl Tensor {
    /// Overwrites the elements from `start` on along a dimension with those of `source`.
    ///
    /// If no other tensor shares the memory, only these elements are touched; otherwise the tensor
    /// becomes a copy first, so that no other tensor changes.
    ///
    /// # Shapes
    /// Equal but for `dim`, where `start` and the extent of `source` stay within that of `self`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::ShapeMismatch`],
    /// [`gradus_core::Error::InvalidArgument`] if the range leaves the dimension,
    /// [`gradus_core::Error::DTypeMismatch`]. The tensor is then unchanged.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let mut x = Tensor::new([[1, 2, 3], [4, 5, 6]]);
    /// let before = x.clone();
    /// x.narrow_assign(1, 1, &Tensor::new([[7], [8]]))?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 7, 3, 4, 8, 6]);
    /// assert_eq!(before.to_vec::<i64>()?, [1, 2, 3, 4, 5, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn narrow_assign(
        &mut self,
        dim: impl Into<Dim>,
        start: usize,
        source: &Self,
    ) -> Result<()> {
        let op = "narrow_assign";
        let dim = dim.into().resolve(op, self.rank())?;
        same(op, self.dtype(), source.dtype())?;
        let fits = source.rank() == self.rank()
            && (0..self.rank()).all(|d| d == dim || source.dims()[d] == self.dims()[d]);
        if !fits {
            let (lhs, rhs) = (self.shape().clone(), source.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        // Fails if the range leaves the dimension.
        self.layout().narrow(dim, start, source.dims()[dim])?;
        every!(self.dtype(), T => self.overwrite::<T>(dim, start, source))
    }

    /// The work of [`Tensor::narrow_assign`], whose caller has checked the arguments.
    fn overwrite<T: Element>(&mut self, dim: usize, start: usize, source: &Self) -> Result<()> {
        let inner: usize = self.dims()[dim + 1..].iter().product();
        let (row, part) = (self.dims()[dim] * inner, source.dims()[dim] * inner);
        if part == 0 || source.is_empty() {
            return Ok(());
        }
        if self.unique::<T>().is_none() {
            *self = Self::from_vec(self.to_vec::<T>()?, self.shape())?;
        }
        let data = self.unique::<T>().expect("a fresh copy is shared with nobody");
        let source = source.elements::<T>();
        for (to, from) in data.chunks_exact_mut(row).zip(source.chunks_exact(part)) {
            to[start * inner..][..part].copy_from_slice(from);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{cases, filled, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn it_is_a_join_of_what_stays_and_what_is_new(
            recipe in filled(3), dim in 0..3usize, start in 0..4usize, len in 0..4usize,
        ) {
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let dim = dim % x.rank();
                let extent = x.dims()[dim];
                let start = start % (extent + 1);
                let len = len.min(extent - start);
                let source = x.flip(dim).unwrap().narrow(dim, 0, len).unwrap();
                let mut y = x.clone();
                y.narrow_assign(dim, start, &source).unwrap();
                let before = x.narrow(dim, 0, start).unwrap();
                let after = x.narrow(dim, start + len, extent - start - len).unwrap();
                let want = Tensor::cat(&[before, source, after], dim).unwrap();
                prop_assert_eq!(read(&y), read(&want));
                prop_assert!(x.equal(&recipe.make(dtype)));
            }
        }
    }

    #[test]
    fn memory_that_nobody_shares_is_written_in_place() {
        let mut x = Tensor::zeros([2, 3], DType::F32).unwrap();
        let place = x.as_slice::<f32>().unwrap().as_ptr();
        let one = Tensor::ones([2, 1], DType::F32).unwrap();
        x.narrow_assign(1, 2, &one).unwrap();
        assert_eq!(x.as_slice::<f32>().unwrap().as_ptr(), place);
        let view = x.narrow(1, 2, 1).unwrap();
        x.narrow_assign(1, 0, &one).unwrap();
        assert_ne!(x.as_slice::<f32>().unwrap().as_ptr(), place);
        assert!(view.equal(&one));
    }

    #[test]
    fn faults_leave_the_tensor_alone() {
        let mut x = Tensor::new([[1, 2], [3, 4]]);
        assert!(x.narrow_assign(2, 0, &Tensor::new([[1], [1]])).is_err());
        assert!(x.narrow_assign(1, 2, &Tensor::new([[1], [1]])).is_err());
        assert!(x.narrow_assign(1, 0, &Tensor::new([1, 1])).is_err());
        assert!(x.narrow_assign(1, 0, &Tensor::new([[1.0], [1.0]])).is_err());
        assert_eq!(x.to_vec::<i64>().unwrap(), [1, 2, 3, 4]);
    }
}
