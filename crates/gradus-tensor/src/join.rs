//! Tensors joined and cut along a dimension.

use gradus_core::{Dim, Shape};

use crate::dtypes::{every, same};
use crate::tensor::checked_len;
use crate::{Result, Tensor};

impl Tensor {
    /// Tensors joined along a dimension.
    ///
    /// # Shapes
    /// Equal but for `dim`, whose extents add up.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] without tensors, [`gradus_core::Error::DimOutOfRange`],
    /// [`gradus_core::Error::ShapeMismatch`] or [`gradus_core::Error::DTypeMismatch`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Tensor::new([[1], [2]]), Tensor::new([[3, 4], [5, 6]]));
    /// assert_eq!(Tensor::cat(&[&a, &b], 1)?.to_vec::<i64>()?, [1, 3, 4, 2, 5, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cat<T: AsRef<Self>>(tensors: &[T], dim: impl Into<Dim>) -> Result<Self> {
        let first = first("cat", tensors)?;
        let dim = dim.into().resolve("cat", first.rank())?;
        let mut extent = 0usize;
        for x in tensors.iter().map(AsRef::as_ref) {
            same("cat", first.dtype(), x.dtype())?;
            let fits = x.rank() == first.rank()
                && (0..x.rank()).all(|d| d == dim || x.dims()[d] == first.dims()[d]);
            if !fits {
                let (lhs, rhs) = (first.shape().clone(), x.shape().clone());
                return Err(gradus_core::Error::ShapeMismatch { op: "cat", lhs, rhs }.into());
            }
            extent = extent.saturating_add(x.dims()[dim]);
        }
        let (before, after) = (&first.dims()[..dim], &first.dims()[dim + 1..]);
        let shape = Shape::from([before, &[extent], after].concat());
        let len = checked_len("cat", &shape, first.dtype())?;
        let outer: usize = before.iter().product();
        let inner: usize = after.iter().product();
        Ok(every!(first.dtype(), T => {
            let parts: Vec<_> = tensors
                .iter()
                .map(|x| (x.as_ref().elements::<T>(), x.as_ref().dims()[dim] * inner))
                .collect();
            let mut out = Vec::with_capacity(len);
            for i in 0..outer {
                for (data, row) in &parts {
                    out.extend_from_slice(&data[i * row..][..*row]);
                }
            }
            Self::from_data(out, shape)
        }))
    }

    /// Tensors joined along a new dimension.
    ///
    /// # Errors
    /// As [`Tensor::cat`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Tensor::new([1, 2]), Tensor::new([3, 4]));
    /// assert_eq!(Tensor::stack(&[a, b], 0)?.dims(), [2, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn stack<T: AsRef<Self>>(tensors: &[T], dim: impl Into<Dim>) -> Result<Self> {
        let first = first("stack", tensors)?;
        let dim = dim.into().resolve_insert("stack", first.rank())?;
        let mut rows = Vec::with_capacity(tensors.len());
        for x in tensors.iter().map(AsRef::as_ref) {
            if x.shape() != first.shape() {
                let (lhs, rhs) = (first.shape().clone(), x.shape().clone());
                return Err(gradus_core::Error::ShapeMismatch { op: "stack", lhs, rhs }.into());
            }
            rows.push(x.unsqueeze(dim)?);
        }
        Self::cat(&rows, dim)
    }

    /// Pieces of the given extents along a dimension; views.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] unless the
    /// sizes add up to the extent.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let parts = Tensor::new([1, 2, 3]).split(&[1, 2], 0)?;
    /// assert_eq!(parts[1].to_vec::<i64>()?, [2, 3]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn split(&self, sizes: &[usize], dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("split", self.rank())?;
        let extent = self.dims()[dim];
        let total = sizes.iter().try_fold(0usize, |sum, &n| sum.checked_add(n));
        if total != Some(extent) {
            return Err(gradus_core::Error::InvalidArgument {
                op: "split",
                name: "sizes",
                expected: "extents that add up to that of the dimension",
                got: format!("{sizes:?} for a dimension of {extent}"),
            }
            .into());
        }
        let mut start = 0;
        sizes
            .iter()
            .map(|&size| {
                start += size;
                self.narrow(dim, start - size, size)
            })
            .collect()
    }

    /// At most `n` pieces of equal extent along a dimension, the last one perhaps smaller; views.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if `n` is
    /// zero.
    pub fn chunk(&self, n: usize, dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("chunk", self.rank())?;
        if n == 0 {
            return Err(gradus_core::Error::InvalidArgument {
                op: "chunk",
                name: "n",
                expected: "at least 1",
                got: "0".into(),
            }
            .into());
        }
        let extent = self.dims()[dim];
        let size = extent.div_ceil(n).max(1);
        (0..extent.max(1))
            .step_by(size)
            .map(|start| self.narrow(dim, start, size.min(extent - start)))
            .collect()
    }
}

fn first<'a, T: AsRef<Tensor>>(op: &'static str, tensors: &'a [T]) -> Result<&'a Tensor> {
    tensors.first().map(AsRef::as_ref).ok_or_else(|| {
        gradus_core::Error::InvalidArgument {
            op,
            name: "tensors",
            expected: "at least one",
            got: "none".into(),
        }
        .into()
    })
}
