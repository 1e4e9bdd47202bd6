//! Elements chosen by index. Indices are `i64`; one outside `0..extent` is an error.

use gradus_core::{Dim, Layout, Shape};
use gradus_cpu::index::{self as kernel, Extents};
use gradus_cpu::memory::zeroed;

use crate::dtypes::{every, number, require, same};
use crate::error::from_kernel;
use crate::nest::paste;
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
        require(op, DType::I64, ids.dtype())?;
        let x = window(op, self, dim, ids)?;
        let extents = extents(x.dims(), dim, ids.dims()[dim]);
        Ok(every!(self.dtype(), T => {
            let mut out = zeroed(ids.len());
            kernel::gather::<T>(extents, &x.elements(), &ids.elements(), &mut out)
                .map_err(|error| from_kernel(op, error, extents.axis))?;
            Self::from_data(out, ids.shape())
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
    /// [`gradus_core::Error::UnsupportedDType`] for `bool`.
    pub fn scatter_add(&self, dim: impl Into<Dim>, ids: &Self, src: &Self) -> Result<Self> {
        let op = "scatter_add";
        let dim = dim.into().resolve(op, self.rank())?;
        let dtype = same(op, self.dtype(), src.dtype())?;
        require(op, DType::I64, ids.dtype())?;
        if src.shape() != ids.shape() {
            return Err(mismatch(op, ids, src));
        }
        let part = window(op, self, dim, ids)?;
        let extents = extents(part.dims(), dim, ids.dims()[dim]);
        number!(op, dtype, T => {
            let mut out = part.elements::<T>().into_owned();
            kernel::scatter_add::<T>(extents, &src.elements(), &ids.elements(), &mut out)
                .map_err(|error| from_kernel(op, error, extents.axis))?;
            if part.shape() == self.shape() {
                return Ok(Self::from_data(out, self.shape()));
            }
            let mut whole = self.elements::<T>().into_owned();
            let mut place = Layout::contiguous(self.shape());
            for (d, &extent) in part.dims().iter().enumerate() {
                place = place.narrow(d, 0, extent)?;
            }
            paste(&out, &Layout::contiguous(part.shape()), &mut whole, &place);
            Ok(Self::from_data(whole, self.shape()))
        })
    }

    /// `self` with entry `i` of `src` added to entry `ids[i]` of a dimension, in rising `i`: the
    /// gradient of [`Tensor::index_select`].
    ///
    /// # Shapes
    /// `[..., N, ...]`, ids `[M]`, src `[..., M, ...]` → `[..., N, ...]`
    ///
    /// # Errors
    /// As [`Tensor::index_select`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::ShapeMismatch`]; [`gradus_core::Error::UnsupportedDType`] for `bool`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let src = Tensor::new([1.0, 2.0, 4.0]);
    /// let sums = Tensor::zeros(2, DType::F32)?.index_add(0, &Tensor::new([1, 0, 1]), &src)?;
    /// assert_eq!(sums.to_vec::<f32>()?, [2.0, 5.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn index_add(&self, dim: impl Into<Dim>, ids: &Self, src: &Self) -> Result<Self> {
        let op = "index_add";
        let dim = dim.into().resolve(op, self.rank())?;
        let dtype = same(op, self.dtype(), src.dtype())?;
        require(op, DType::I64, ids.dtype())?;
        if ids.rank() != 1 {
            return Err(unexpected(op, "1-D ids".into(), ids.shape()));
        }
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        if src.dims() != [before, ids.dims(), after].concat() {
            return Err(mismatch(op, self, src));
        }
        let extents = extents(self.dims(), dim, ids.len());
        number!(op, dtype, T => {
            let mut out = self.elements::<T>().into_owned();
            kernel::index_add::<T>(extents, &src.elements(), &ids.elements(), &mut out)
                .map_err(|error| from_kernel(op, error, extents.axis))?;
            Ok(Self::from_data(out, self.shape()))
        })
    }

    /// Zeros of `extent` entries along a dimension, with entry `i` of `self` added to entry `ids[i]`,
    /// in rising `i`: the gradient of [`Tensor::index_select`] by its source.
    ///
    /// # Shapes
    /// `[..., M, ...]`, ids `[M]` → `[..., extent, ...]`
    ///
    /// # Errors
    /// As [`Tensor::index_add`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let sums = Tensor::new([1.0, 2.0, 4.0]).index_sum(0, &Tensor::new([1, 0, 1]), 3)?;
    /// assert_eq!(sums.to_vec::<f32>()?, [2.0, 5.0, 0.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn index_sum(&self, dim: impl Into<Dim>, ids: &Self, extent: usize) -> Result<Self> {
        let op = "index_sum";
        let dim = dim.into().resolve(op, self.rank())?;
        require(op, DType::I64, ids.dtype())?;
        if *ids.dims() != self.dims()[dim..=dim] {
            return Err(mismatch(op, self, ids));
        }
        let mut dims = self.dims().to_vec();
        dims[dim] = extent;
        let extents = extents(&dims, dim, ids.len());
        let shape = Shape::from(dims);
        number!(op, self.dtype(), T => {
            let mut out = zeroed(checked_len(op, &shape, self.dtype())?);
            kernel::index_add::<T>(extents, &self.elements(), &ids.elements(), &mut out)
                .map_err(|error| from_kernel(op, error, extent))?;
            Ok(Self::from_data(out, shape))
        })
    }

    /// Entries of a dimension, whose place the dimensions of `ids` take.
    fn rows_at(&self, op: &'static str, dim: usize, ids: &Self) -> Result<Self> {
        require(op, DType::I64, ids.dtype())?;
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        let shape = Shape::from([before, ids.dims(), after].concat());
        let len = checked_len(op, &shape, self.dtype())?;
        let extents = extents(self.dims(), dim, ids.len());
        Ok(every!(self.dtype(), T => {
            let mut out = zeroed(len);
            kernel::index_select::<T>(extents, &self.elements(), &ids.elements(), &mut out)
                .map_err(|error| from_kernel(op, error, extents.axis))?;
            Self::from_data(out, shape)
        }))
    }
}

/// The three loops of a kernel, with `count` indices along `dim`.
fn extents(dims: &[usize], dim: usize, count: usize) -> Extents {
    let product = |dims: &[usize]| dims.iter().product();
    let (outer, inner) = (product(&dims[..dim]), product(&dims[dim + 1..]));
    Extents { outer, axis: dims[dim], count, inner }
}

/// The part of `x` that has, away from `dim`, the extents of `ids`.
fn window(op: &'static str, x: &Tensor, dim: usize, ids: &Tensor) -> Result<Tensor> {
    if x.rank() != ids.rank() {
        return Err(mismatch(op, x, ids));
    }
    let mut window = x.clone();
    for d in (0..x.rank()).filter(|&d| d != dim) {
        window = window.narrow(d, 0, ids.dims()[d]).map_err(|_| mismatch(op, x, ids))?;
    }
    Ok(window)
}

fn mismatch(op: &'static str, lhs: &Tensor, rhs: &Tensor) -> Error {
    let (lhs, rhs) = (lhs.shape().clone(), rhs.shape().clone());
    gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into()
}

fn unexpected(op: &'static str, expected: String, got: &Shape) -> Error {
    gradus_core::Error::UnexpectedShape { op, expected, got: got.clone() }.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, filled, indices, read};

    /// Ids of a shape, below `end`.
    fn ids(shape: &[usize], end: usize, seed: u64) -> Tensor {
        Tensor::randint(0, end as i64, shape, crate::Key::new(seed)).unwrap()
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn rows_are_chosen_and_added_back(recipe in filled(3), pick in any::<prop::sample::Index>(), count in 0..6usize) {
            let dim = pick.index(recipe.shape.len());
            let ids = ids(&[count], recipe.shape[dim], recipe.seed);
            let chosen = read(&ids);
            let mut shape = recipe.shape.clone();
            shape[dim] = count;
            for dtype in [DType::F32, DType::F64, DType::I64] {
                let x = recipe.make(dtype);
                let source = |index: &Vec<usize>| {
                    let mut from = index.clone();
                    from[dim] = chosen[index[dim]] as usize;
                    from
                };
                let all = indices(&shape);
                let expected: Vec<f64> = all.iter().map(|i| at(&x, &source(i))).collect();
                assert_close(&x.index_select(dim, &ids).unwrap(), &shape, &expected);

                let src = recipe.with_shape(&shape).make(dtype);
                let add = |index: &Vec<usize>| {
                    let sum: f64 = all.iter().filter(|i| source(i) == *index).map(|i| at(&src, i)).sum();
                    at(&x, index) + sum
                };
                let expected: Vec<f64> = indices(&recipe.shape).iter().map(add).collect();
                assert_close(&x.index_add(dim, &ids, &src).unwrap(), &recipe.shape, &expected);
            }
        }

        #[test]
        fn elements_are_gathered_and_scattered(recipe in filled(3), pick in any::<prop::sample::Index>(), count in 0..6usize, smaller in any::<bool>()) {
            let dim = pick.index(recipe.shape.len());
            let mut shape = recipe.shape.clone();
            if smaller {
                shape.iter_mut().for_each(|d| *d -= 1);
            }
            shape[dim] = count;
            let ids = ids(&shape, recipe.shape[dim], recipe.seed);
            let source = |index: &Vec<usize>| {
                let mut from = index.clone();
                from[dim] = at(&ids, index) as usize;
                from
            };
            for dtype in [DType::F32, DType::F64, DType::U8] {
                let x = recipe.make(dtype);
                let all = indices(&shape);
                let expected: Vec<f64> = all.iter().map(|i| at(&x, &source(i))).collect();
                assert_close(&x.gather(dim, &ids).unwrap(), &shape, &expected);

                let src = recipe.with_shape(&shape).make(dtype);
                let add = |index: &Vec<usize>| {
                    let sum: f64 = all.iter().filter(|i| source(i) == *index).map(|i| at(&src, i)).sum();
                    at(&x, index) + sum
                };
                let expected: Vec<f64> = indices(&recipe.shape).iter().map(add).collect();
                assert_close(&x.scatter_add(dim, &ids, &src).unwrap(), &recipe.shape, &expected);
            }
        }
    }

    #[test]
    fn an_embedding_takes_ids_of_any_shape() {
        let table = Tensor::new([[0, 1], [10, 11], [20, 21]]).t().unwrap().t().unwrap();
        let ids = Tensor::new([[2, 0], [1, 1]]).t().unwrap();
        let out = table.embedding(&ids).unwrap();
        assert_eq!(out.dims(), [2, 2, 2]);
        assert_eq!(out.to_vec::<i64>().unwrap(), [20, 21, 10, 11, 0, 1, 10, 11]);
        assert_eq!(table.embedding(&Tensor::new(1)).unwrap().dims(), [2]);
    }

    #[test]
    fn a_bad_index_is_an_error() {
        let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        assert_eq!(
            message(x.embedding(&Tensor::new([0, 2]))),
            "embedding: index 2 is out of range for an axis of length 2"
        );
        assert_eq!(
            message(x.index_select(0, &Tensor::new([-1]))),
            "index_select: index -1 is out of range for an axis of length 2"
        );
        assert!(x.gather(1, &Tensor::new([[2], [0]])).is_err());
        assert!(x.gather(1, &Tensor::new([[0], [0], [0]])).is_err());
        assert!(x.gather(1, &Tensor::new([0])).is_err());
        assert!(x.index_select(0, &x).is_err());
        assert!(x.embedding(&x).is_err());
        assert!(x.scatter_add(0, &Tensor::new([[0, 0]]), &x).is_err());
        assert!(x.index_add(0, &Tensor::new([0]), &x).is_err());
        assert!(Tensor::new([1]).embedding(&Tensor::new([0])).is_err());
    }
}
