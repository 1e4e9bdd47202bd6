//! Views: another layout of the same storage.

use gradus_core::{Dim, Shape};

use crate::tensor::addressable;
use crate::{Result, Tensor};

impl Tensor {
    /// Elements `start .. start + len` of `dim`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if the
    /// range leaves the dimension.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.narrow(-1, 1, 2)?.to_vec::<i64>()?, [2, 3, 5, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn narrow(&self, dim: impl Into<Dim>, start: usize, len: usize) -> Result<Self> {
        Ok(self.with_layout(self.layout().narrow(dim, start, len)?))
    }

    /// One index of `dim`, which is dropped.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::IndexOutOfRange`].
    pub fn select(&self, dim: impl Into<Dim>, index: usize) -> Result<Self> {
        Ok(self.with_layout(self.layout().select(dim, index)?))
    }

    /// Every `n`-th element of `dim`, from the first on.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if `n` is
    /// zero.
    pub fn step(&self, dim: impl Into<Dim>, n: usize) -> Result<Self> {
        Ok(self.with_layout(self.layout().step(dim, n)?))
    }

    /// Dimensions in the order `dims`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::DimOutOfRange`] or
    /// [`gradus_core::Error::RepeatedDim`] if `dims` is not a permutation of the dimensions.
    pub fn permute<D: Copy + Into<Dim>>(&self, dims: &[D]) -> Result<Self> {
        Ok(self.with_layout(self.layout().permute(dims)?))
    }

    /// Two dimensions swapped.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn transpose(&self, a: impl Into<Dim>, b: impl Into<Dim>) -> Result<Self> {
        Ok(self.with_layout(self.layout().transpose(a, b)?))
    }

    /// The last two dimensions swapped.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two.
    pub fn t(&self) -> Result<Self> {
        if self.rank() < 2 {
            let (expected, got) = ("at least two dimensions".into(), self.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op: "t", expected, got }.into());
        }
        self.transpose(-2, -1)
    }

    /// Extents of 1, and absent leading ones, repeated without a copy.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`] if `self` does not broadcast to `shape`;
    /// [`crate::Error::TooLarge`] if the element count has no representation.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1], [2]]).expand([2, 3])?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 1, 1, 2, 2, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn expand(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        addressable("expand", &shape)?;
        Ok(self.with_layout(self.layout().expand(shape)?))
    }

    /// A dimension of extent 1 dropped.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::UnexpectedShape`] if its
    /// extent is not 1.
    pub fn squeeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        Ok(self.with_layout(self.layout().squeeze(dim)?))
    }

    /// A dimension of extent 1 added before `dim`; `-1` adds it at the end.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn unsqueeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        Ok(self.with_layout(self.layout().unsqueeze(dim)?))
    }

    /// The same elements in other extents; copied only where strides cannot express it.
    ///
    /// # Errors
    /// [`gradus_core::Error::Reshape`] if the element counts differ, or [`crate::Error::TooLarge`].
    /// One extent may be [`crate::INFER`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{INFER, Tensor};
    /// let x = Tensor::new([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.reshape([3, INFER])?.dims(), [3, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn reshape(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into().infer("reshape", self.shape())?;
        addressable("reshape", &shape)?;
        match self.layout().reshape(&shape)? {
            Some(layout) => Ok(self.with_layout(layout)),
            None => self.contiguous().reshape(shape),
        }
    }

    /// Dimensions `start_dim..=end_dim` made one. A 0-d tensor becomes `[1]`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if
    /// `start_dim` lies after `end_dim`.
    pub fn flatten(&self, start_dim: impl Into<Dim>, end_dim: impl Into<Dim>) -> Result<Self> {
        let rank = self.rank().max(1);
        let start = start_dim.into().resolve("flatten", rank)?;
        let end = end_dim.into().resolve("flatten", rank)?;
        if start > end {
            return Err(gradus_core::Error::InvalidArgument {
                op: "flatten",
                name: "start_dim",
                expected: "at most end_dim",
                got: format!("{start} and {end}"),
            }
            .into());
        }
        if self.rank() == 0 {
            return self.reshape(1);
        }
        let dims = self.dims();
        let merged: usize = dims[start..=end].iter().product();
        self.reshape([&dims[..start], &[merged], &dims[end + 1..]].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{cases, read, recipes};
    use crate::{DType, INFER};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn a_reshape_keeps_the_elements_in_any_layout(recipe in recipes(3)) {
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let n = x.len();
                for shape in [vec![n], vec![1, n], vec![n, 1]] {
                    prop_assert_eq!(read(&x.reshape(shape).unwrap()), read(&x));
                }
                if n > 0 {
                    let column = x.reshape([INFER, 1]).unwrap();
                    prop_assert_eq!(column.dims(), [n, 1]);
                }
                prop_assert!(x.contiguous().is_contiguous());
                prop_assert!(x.contiguous().equal(&x));
                if x.rank() > 1 {
                    prop_assert_eq!(read(&x.flatten(0, 1).unwrap()), read(&x));
                }
            }
        }
    }

    #[test]
    fn views_share_storage() {
        let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
        let row = x.select(0, 1).unwrap();
        let place = |x: &Tensor| x.as_slice::<f32>().unwrap().as_ptr();
        assert_eq!(place(&row), place(&x).wrapping_add(2));
        assert!(x.t().unwrap().as_slice::<f32>().is_err());
        assert!(x.as_slice::<f64>().is_err() && x.to_vec::<f64>().is_err());
    }

    #[test]
    fn flatten_of_a_scalar_is_a_vector() {
        assert_eq!(Tensor::new(1.0).flatten(0, -1).unwrap().dims(), [1]);
        let x = Tensor::zeros([2, 0, 3], DType::F32).unwrap();
        assert_eq!(x.flatten(0, 1).unwrap().dims(), [0, 3]);
        assert!(x.flatten(2, 0).is_err());
        assert!(Tensor::new([1.0]).t().is_err());
        assert!(Tensor::new(1.0).expand([usize::MAX, 2]).is_err());
        assert!(x.reshape([1 << 40, 1 << 40, 0]).is_err());
        assert!(x.expand([1 << 40, 1 << 40, 2, 0, 3]).is_err());
        assert!(Tensor::zeros([1 << 40, 0, 1 << 40], DType::F32).is_err());
    }

    #[test]
    fn an_empty_view_beyond_the_end_has_no_elements() {
        let x = Tensor::new([1, 2, 3]).step(0, 2).unwrap().narrow(0, 2, 0).unwrap();
        assert_eq!(x.to_vec::<i64>().unwrap(), []);
        assert_eq!(x.add_scalar(1.0).unwrap().dims(), [0]);
        assert_eq!(x.add(&Tensor::new([1])).unwrap().dims(), [0]);
        assert_eq!(x.sum(..).unwrap().item().unwrap(), 0.0);
        assert_eq!(x.to_string(), "[]");
    }
}
