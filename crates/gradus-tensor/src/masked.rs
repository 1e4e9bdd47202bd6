//! Elements taken and placed by masks and by indices that broadcast.

use gradus_core::Dim;

use crate::dtypes::{every, require, same};
use crate::{DType, Result, Tensor};

impl Tensor {
    /// The elements where the mask holds, in row-major order; the mask and `self` broadcast.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] unless the mask is `bool`, or
    /// [`gradus_core::Error::ShapeMismatch`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, -2, 3]);
    /// assert_eq!(x.masked_select(&x.gt_scalar(0.0)?)?.to_vec::<i64>()?, [1, 3]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn masked_select(&self, mask: &Self) -> Result<Self> {
        let op = "masked_select";
        require(op, DType::Bool, mask.dtype())?;
        let shape = self.shape().broadcast(op, mask.shape())?;
        let (x, mask) = (self.expand(&shape)?, mask.expand(&shape)?);
        let mask = mask.elements::<bool>();
        Ok(every!(self.dtype(), T => {
            let kept: Vec<T> =
                x.elements::<T>().iter().zip(&*mask).filter(|pair| *pair.1).map(|pair| *pair.0).collect();
            let len = kept.len();
            Self::from_data(kept, len)
        }))
    }

    /// `self` with the first elements of `src`, in row-major order, where the mask holds. The mask
    /// broadcasts to `self`.
    ///
    /// # Errors
    /// As [`Tensor::masked_select`], [`gradus_core::Error::DTypeMismatch`], or
    /// [`gradus_core::Error::InvalidArgument`] if `src` has too few elements.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (x, mask) = (Tensor::new([0, 0, 0]), Tensor::new([true, false, true]));
    /// assert_eq!(x.masked_scatter(&mask, &Tensor::new([7, 8]))?.to_vec::<i64>()?, [7, 0, 8]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn masked_scatter(&self, mask: &Self, src: &Self) -> Result<Self> {
        let op = "masked_scatter";
        require(op, DType::Bool, mask.dtype())?;
        same(op, self.dtype(), src.dtype())?;
        if self.shape().broadcast(op, mask.shape())? != *self.shape() {
            let (lhs, rhs) = (self.shape().clone(), mask.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let mask = mask.expand(self.shape())?;
        let mask = mask.elements::<bool>();
        let needed = mask.iter().filter(|&&hit| hit).count();
        if needed > src.len() {
            let (name, expected) = ("src", "as long as the mask has true elements");
            let got = format!("{} elements for {needed}", src.len());
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        Ok(every!(self.dtype(), T => {
            let mut out = self.elements::<T>().into_owned();
            let hits = out.iter_mut().zip(&*mask).filter(|pair| *pair.1);
            hits.zip(&*src.elements::<T>()).for_each(|((out, _), &x)| *out = x);
            Self::from_data(out, self.shape())
        }))
    }

    /// [`Tensor::gather`], with `self` and `ids` broadcast away from the dimension.
    ///
    /// # Errors
    /// As [`Tensor::gather`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Order, Tensor};
    /// let x = Tensor::new([[3, 1, 2], [6, 5, 4]]);
    /// let sorted = x.take_along_dim(&x.argsort(1, Order::Ascending)?, 1)?;
    /// assert_eq!(sorted.to_vec::<i64>()?, [1, 2, 3, 4, 5, 6]);
    /// assert_eq!(x.take_along_dim(&Tensor::new([[0]]), 1)?.to_vec::<i64>()?, [3, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn take_along_dim(&self, ids: &Self, dim: impl Into<Dim>) -> Result<Self> {
        let op = "take_along_dim";
        let dim = dim.into().resolve(op, self.rank())?;
        if ids.rank() != self.rank() {
            let (lhs, rhs) = (self.shape().clone(), ids.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let with = |dims: &[usize], extent: usize| {
            let mut dims = dims.to_vec();
            dims[dim] = extent;
            gradus_core::Shape::from(dims)
        };
        let away = with(self.dims(), 1).broadcast(op, &with(ids.dims(), 1))?;
        let x = self.expand(with(away.dims(), self.dims()[dim]))?;
        x.gather(dim, &ids.expand(with(away.dims(), ids.dims()[dim]))?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Key;
    use crate::testing::{at, cases, indices, pairs, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn what_is_selected_goes_back((a, b, shape) in pairs()) {
            let mask = b.make(DType::F32).gt_scalar(0.0).unwrap();
            for dtype in DType::ALL {
                let x = a.make(dtype);
                let kept = x.masked_select(&mask).unwrap();
                let all = indices(&shape);
                let expected: Vec<f64> =
                    all.iter().filter(|i| at(&mask, i) == 1.0).map(|i| at(&x, i)).collect();
                prop_assert_eq!(read(&kept), expected);
                let whole = x.expand(shape.as_slice()).unwrap();
                prop_assert!(whole.masked_scatter(&mask, &kept).unwrap().equal(&whole));
                prop_assert!(whole.zeros_like().masked_scatter(&mask, &kept).unwrap().masked_select(&mask).unwrap().equal(&kept));
            }
        }
    }

    #[test]
    fn ids_broadcast_away_from_the_dimension() {
        let x = Tensor::randn([1, 3, 4], DType::F64, Key::new(1)).unwrap();
        let ids = Tensor::randint(0, 3, [2, 5, 1], Key::new(2)).unwrap();
        let y = x.take_along_dim(&ids, 1).unwrap();
        assert_eq!(y.dims(), [2, 5, 4]);
        for i in indices(y.dims()) {
            assert_eq!(at(&y, &i), at(&x, &[0, at(&ids, &i) as usize, i[2]]));
        }
        assert!(x.take_along_dim(&Tensor::new([0]), 1).is_err());
        assert!(x.take_along_dim(&Tensor::new([[[0], [0]], [[0], [9]]]), 1).is_err());
    }

    #[test]
    fn faults_are_errors() {
        let (x, mask) = (Tensor::new([1, 2]), Tensor::new([true, true]));
        assert!(x.masked_scatter(&mask, &Tensor::new([1])).is_err());
        assert!(x.masked_scatter(&mask, &Tensor::new([1.0, 2.0])).is_err());
        assert!(x.masked_scatter(&Tensor::new([[true], [true]]), &x).is_err());
        assert!(x.masked_select(&x).is_err());
        assert!(x.masked_select(&Tensor::new([true; 3])).is_err());
    }
}
