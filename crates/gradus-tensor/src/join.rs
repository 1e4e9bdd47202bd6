//! Tensors joined and cut along a dimension.

use gradus_core::{Dim, Shape};
use gradus_cpu::memory::reserve;

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
            let mut out = reserve(len);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, filled, indices};
    use crate::{DType, Key};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn what_is_joined_splits_again(recipe in filled(3), pick in any::<prop::sample::Index>(), sizes in prop::collection::vec(0..4usize, 1..4)) {
            let dim = pick.index(recipe.shape.len());
            for dtype in DType::ALL {
                let parts: Vec<Tensor> = sizes
                    .iter()
                    .map(|&size| {
                        let mut shape = recipe.shape.clone();
                        shape[dim] = size;
                        recipe.with_shape(&shape).make(dtype)
                    })
                    .collect();
                let joined = Tensor::cat(&parts, dim).unwrap();
                prop_assert_eq!(joined.dims()[dim], sizes.iter().sum::<usize>());
                let back = joined.split(&sizes, dim).unwrap();
                prop_assert!(back.iter().zip(&parts).all(|(a, b)| a.equal(b)));
            }
        }

        #[test]
        fn a_stack_has_the_tensors_as_entries(recipe in filled(2), pick in any::<prop::sample::Index>()) {
            let dim = pick.index(recipe.shape.len() + 1);
            let parts = [recipe.make(DType::F32), recipe.make(DType::F32).neg().unwrap()];
            let stack = Tensor::stack(&[&parts[0], &parts[1]], dim).unwrap();
            for (i, part) in parts.iter().enumerate() {
                prop_assert!(stack.select(dim, i).unwrap().equal(part));
            }
        }

        #[test]
        fn chunks_are_equal_but_for_the_last(n in 1..6usize, len in 0..9usize) {
            let x = Tensor::rand([2, len], DType::F32, Key::new(1)).unwrap();
            let chunks = x.chunk(n, 1).unwrap();
            prop_assert!(chunks.len() <= n);
            let size = chunks[0].dims()[1];
            prop_assert!(chunks.iter().rev().skip(1).all(|c| c.dims()[1] == size));
            prop_assert!(chunks.last().unwrap().dims()[1] <= size);
            prop_assert!(Tensor::cat(&chunks, 1).unwrap().equal(&x));
        }

        #[test]
        fn borders_mirrors_and_triangles(recipe in filled(3), before in 0..3usize, after in 0..3usize, k in -3..4i64) {
            for dtype in [DType::F32, DType::I64] {
                let x = recipe.make(dtype);
                let pad = vec![(before, after); x.rank()];
                let shape: Vec<usize> = x.dims().iter().map(|d| d + before + after).collect();
                let inside = |index: &Vec<usize>| {
                    let index: Option<Vec<usize>> =
                        index.iter().map(|i| i.checked_sub(before)).collect();
                    let index = index.filter(|i| i.iter().zip(x.dims()).all(|(i, d)| i < d));
                    index.map_or(7.0, |i| at(&x, &i))
                };
                let expected: Vec<f64> = indices(&shape).iter().map(inside).collect();
                assert_close(&x.pad(&pad, 7.0).unwrap(), &shape, &expected);

                let mirror = |index: &Vec<usize>| {
                    let index: Vec<usize> =
                        index.iter().zip(x.dims()).map(|(i, d)| d - 1 - i).collect();
                    at(&x, &index)
                };
                let all = indices(x.dims());
                let expected: Vec<f64> = all.iter().map(mirror).collect();
                assert_close(&x.flip(..).unwrap(), x.dims(), &expected);
                let twice = x.flip(0).unwrap().flip(0).unwrap();
                prop_assert!(twice.equal(&x));

                if let [.., _, _] = x.dims() {
                    let keep = |below: bool| {
                        let kept = |index: &Vec<usize>| {
                            let [.., i, j] = index[..] else { unreachable!() };
                            let above = j as i64 - i as i64;
                            if if below { above <= k } else { above >= k } { at(&x, index) } else { 0.0 }
                        };
                        all.iter().map(kept).collect::<Vec<f64>>()
                    };
                    assert_close(&x.tril(k).unwrap(), x.dims(), &keep(true));
                    assert_close(&x.triu(k).unwrap(), x.dims(), &keep(false));
                }
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::new([[1, 2]]);
        assert!(Tensor::cat::<Tensor>(&[], 0).is_err());
        assert!(Tensor::cat(&[&x, &Tensor::new([1])], 0).is_err());
        assert!(Tensor::cat(&[x.clone(), Tensor::new([[1.0, 2.0]])], 0).is_err());
        assert!(Tensor::cat(&[&x, &Tensor::new([[1]])], 0).is_err());
        assert!(Tensor::stack(&[&x, &Tensor::new([[1]])], 0).is_err());
        assert!(x.split(&[1], 1).is_err() && x.split(&[usize::MAX, 3], 1).is_err());
        assert!(x.chunk(0, 1).is_err());
        assert!(x.pad(&[(0, 0)], 0.0).is_err() && x.pad(&[(0, 0), (0, 1)], 0.5).is_err());
        assert!(x.pad(&[(usize::MAX, 0), (0, 0)], 0.0).is_err());
        assert!(Tensor::new([1]).tril(0).is_err());
        assert!(x.tril(i64::MIN).unwrap().equal(&x.zeros_like()));
    }

    #[test]
    fn empty_tensors_pass() {
        let x = Tensor::zeros([0, 3], DType::F32).unwrap();
        assert_eq!(Tensor::cat(&[&x, &x], 0).unwrap().dims(), [0, 3]);
        assert_eq!(x.flip(..).unwrap().dims(), [0, 3]);
        assert_eq!(x.tril(0).unwrap().dims(), [0, 3]);
        assert_eq!(x.chunk(2, 0).unwrap().len(), 1);
        assert_eq!(x.pad(&[(1, 0), (0, 0)], 0.0).unwrap().dims(), [1, 3]);
    }
}
