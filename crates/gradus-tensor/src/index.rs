//! Elements chosen by index. Indices are `i64`; one outside `0..extent` is an error.

use gradus_core::{Dim, Shape};

use crate::dtypes::{every, real, require, same};
use crate::tensor::checked_len;
use crate::{DType, Error, Result, Tensor};

impl Tensor {
    /// Entries `ids` of a dimension, in the order of `ids`; an index may repeat.
    ///
    /// # Shapes
    /// `[..., N, ...]`, ids `[M]` → `[..., M, ...]`
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::IndexOutOfRange`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the ids are `i64`,
    /// [`gradus_core::Error::UnexpectedShape`] unless they are 1-D.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1, 2], [3, 4], [5, 6]]);
    /// let rows = x.index_select(0, &Tensor::new([2, 0]))?;
    /// assert_eq!(rows.to_vec::<i64>()?, [5, 6, 1, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn index_select(&self, dim: impl Into<Dim>, ids: &Self) -> Result<Self> {
        let dim = dim.into().resolve("index_select", self.rank())?;
        if ids.rank() != 1 {
            return Err(unexpected("index_select", "1-D ids".into(), ids.shape()));
        }
        self.rows_at("index_select", dim, ids)
    }

    /// Rows of a table by id.
    ///
    /// # Shapes
    /// table `[V, C]`, ids of any shape → `ids.shape + [C]`
    ///
    /// # Errors
    /// [`gradus_core::Error::IndexOutOfRange`], [`gradus_core::Error::UnsupportedDType`] unless the
    /// ids are `i64`, [`gradus_core::Error::UnexpectedShape`] unless the table is 2-D.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let table = Tensor::new([[0.0, 0.5], [1.0, 1.5]]);
    /// assert_eq!(table.embedding(&Tensor::new([[1, 0, 1]]))?.dims(), [1, 3, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn embedding(&self, ids: &Self) -> Result<Self> {
        if self.rank() != 2 {
            return Err(unexpected("embedding", "a 2-D table".into(), self.shape()));
        }
        self.rows_at("embedding", 0, ids)
    }

    /// `out[.., i, ..] = self[.., ids[.., i, ..], ..]` along a dimension.
    ///
    /// # Shapes
    /// `self` and `ids` have the same rank; away from `dim`, an extent of `ids` is at most that of
    /// `self`. The result has the shape of `ids`.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::IndexOutOfRange`],
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::UnsupportedDType`] unless the
    /// ids are `i64`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// let y = x.gather(1, &Tensor::new([[1], [0]]))?;
    /// assert_eq!(y.to_vec::<f32>()?, [2.0, 3.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn gather(&self, dim: impl Into<Dim>, ids: &Self) -> Result<Self> {
        let op = "gather";
        let dim = dim.into().resolve(op, self.rank())?;
        let window = window(op, self, dim, ids)?;
        let ids = checked_ids(op, ids, self.dims()[dim])?;
        let stride = self.layout().strides()[dim];
        let places = window.layout().offsets().zip(&ids);
        Ok(every!(self.dtype(), T => {
            let block = self.block::<T>();
            let data = places.map(|(start, &id)| block[start + id * stride]).collect::<Vec<T>>();
            Self::from_data(data, window.shape())
        }))
    }

    /// `self` with `src` added at `out[.., ids[.., i, ..], ..]` along a dimension. Where an index
    /// repeats, the sources are added in row-major order.
    ///
    /// # Shapes
    /// As [`Tensor::gather`]; `src` has the shape of `ids`.
    ///
    /// # Errors
    /// As [`Tensor::gather`], and [`gradus_core::Error::DTypeMismatch`];
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`.
    pub fn scatter_add(&self, dim: impl Into<Dim>, ids: &Self, src: &Self) -> Result<Self> {
        let op = "scatter_add";
        let dim = dim.into().resolve(op, self.rank())?;
        let dtype = same(op, self.dtype(), src.dtype())?;
        if src.shape() != ids.shape() {
            let (lhs, rhs) = (ids.shape().clone(), src.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        real!(op, dtype, T => {
            let target = Self::from_data(self.elements::<T>().into_owned(), self.shape());
            let window = window(op, &target, dim, ids)?;
            let ids = checked_ids(op, ids, self.dims()[dim])?;
            let stride = target.layout().strides()[dim];
            let mut out = self.elements::<T>().into_owned();
            let places = window.layout().offsets().zip(&ids);
            for ((start, &id), &x) in places.zip(src.elements::<T>().iter()) {
                out[start + id * stride] += x;
            }
            Ok(Self::from_data(out, self.shape()))
        })
    }

    /// Entries of a dimension, whose place the dimensions of `ids` take.
    fn rows_at(&self, op: &'static str, dim: usize, ids: &Self) -> Result<Self> {
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        let shape = Shape::from([before, ids.dims(), after].concat());
        let len = checked_len(op, &shape, self.dtype())?;
        let extent = self.dims()[dim];
        let ids = checked_ids(op, ids, extent)?;
        let row: usize = after.iter().product();
        Ok(every!(self.dtype(), T => {
            let data = self.elements::<T>();
            let mut out = Vec::with_capacity(len);
            if len > 0 {
                for plane in data.chunks_exact(extent * row) {
                    for &id in &ids {
                        out.extend_from_slice(&plane[id * row..][..row]);
                    }
                }
            }
            Self::from_data(out, shape)
        }))
    }
}

/// A view with the extents of `ids`, all at index 0 of `dim` (stride 0): the start of each line.
fn window(op: &'static str, x: &Tensor, dim: usize, ids: &Tensor) -> Result<Tensor> {
    let fits =
        x.rank() == ids.rank() && (0..x.rank()).all(|d| d == dim || ids.dims()[d] <= x.dims()[d]);
    if !fits {
        let (lhs, rhs) = (x.shape().clone(), ids.shape().clone());
        return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
    }
    if ids.is_empty() || x.dims()[dim] == 0 {
        // No index can be valid, or none is needed.
        return Tensor::zeros(ids.shape(), DType::Bool);
    }
    let mut window = x.narrow(dim, 0, 1)?;
    for d in (0..x.rank()).filter(|&d| d != dim) {
        window = window.narrow(d, 0, ids.dims()[d])?;
    }
    window.expand(ids.shape())
}

/// The ids in row-major order.
fn checked_ids(op: &'static str, ids: &Tensor, len: usize) -> Result<Vec<usize>> {
    require(op, DType::I64, ids.dtype())?;
    ids.elements::<i64>()
        .iter()
        .map(|&index| {
            usize::try_from(index)
                .ok()
                .filter(|&id| id < len)
                .ok_or_else(|| Error::from(gradus_core::Error::IndexOutOfRange { op, index, len }))
        })
        .collect()
}

fn unexpected(op: &'static str, expected: String, got: &Shape) -> Error {
    gradus_core::Error::UnexpectedShape { op, expected, got: got.clone() }.into()
}
