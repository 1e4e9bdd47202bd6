//! Products of whole tensors: `outer`, `kron`, `cross`, `tensordot`, and `cdist`.

use gradus_core::{Dim, Dims, Shape};

use crate::tensor::addressable;
use crate::{Error, Result, Tensor};

impl Tensor {
    /// Every element of a vector times every element of another.
    ///
    /// # Shapes
    /// `[N]`, `[M]` → `[N, M]`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless both are vectors, or as [`Tensor::mul`].
    pub fn outer(&self, other: &Self) -> Result<Self> {
        for x in [self, other] {
            if x.rank() != 1 {
                return Err(unexpected("outer", "vectors", x.shape()));
            }
        }
        self.unsqueeze(1)?.mul(other)
    }

    /// The Kronecker product: every element of `self` times the whole of `other`.
    ///
    /// # Shapes
    /// `[N, M]`, `[K, L]` → `[N · K, M · L]`; missing leading dimensions count as 1.
    ///
    /// # Errors
    /// As [`Tensor::mul`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 10]).kron(&Tensor::new([1, 2, 3]))?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 2, 3, 10, 20, 30]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn kron(&self, other: &Self) -> Result<Self> {
        let rank = self.rank().max(other.rank());
        let full = |x: &Self| [&vec![1; rank - x.rank()][..], x.dims()].concat();
        let (a, b) = (full(self), full(other));
        let product = |(&n, &m): (&usize, &usize)| n.saturating_mul(m);
        let whole: Shape = a.iter().zip(&b).map(product).collect();
        addressable("kron", &whole)?;
        let left: Shape = a.iter().flat_map(|&n| [n, 1]).collect();
        let right: Shape = b.iter().flat_map(|&n| [1, n]).collect();
        self.reshape(left)?.mul(&other.reshape(right)?)?.reshape(whole)
    }

    /// The vector product along a dimension of extent 3, with broadcasting.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless both have 3 elements along the dimension;
    /// otherwise as [`Tensor::mul`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (x, y) = (Tensor::new([1, 0, 0]), Tensor::new([0, 1, 0]));
    /// assert_eq!(x.cross(&y, -1)?.to_vec::<i64>()?, [0, 0, 1]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn cross(&self, other: &Self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into();
        let (i, j) = (dim.resolve("cross", self.rank())?, dim.resolve("cross", other.rank())?);
        for (x, dim) in [(self, i), (other, j)] {
            if x.dims()[dim] != 3 || x.rank() != self.rank() {
                return Err(unexpected("cross", "an extent of 3, and equal ranks", x.shape()));
            }
        }
        let (a, b) = (self, other);
        a.roll(-1, i)?.mul(&b.roll(1, j)?)?.sub(&a.roll(1, i)?.mul(&b.roll(-1, j)?)?)
    }

    /// The sum of products over the dimensions `left` of `self` and `right` of `other`, in pairs.
    ///
    /// # Shapes
    /// What is left of `self`, then what is left of `other`.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`] unless the extents of each pair agree,
    /// [`gradus_core::Error::RepeatedDim`], or as [`Tensor::matmul`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (x, y) = (Tensor::new([[1.0, 2.0], [3.0, 4.0]]), Tensor::new([10.0, 100.0]));
    /// assert_eq!(x.tensordot(&y, &[0], &[0])?.to_vec::<f32>()?, [310.0, 420.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn tensordot(&self, other: &Self, left: &[isize], right: &[isize]) -> Result<Self> {
        let op = "tensordot";
        let resolve = |x: &Self, dims: &[isize]| -> Result<Vec<usize>> {
            Dims::from(dims).resolve(op, x.rank())?; // each once
            Ok(dims
                .iter()
                .map(|&d| Dim::from(d).resolve(op, x.rank()))
                .collect::<gradus_core::Result<_>>()?)
        };
        let (left, right) = (resolve(self, left)?, resolve(other, right)?);
        let agree = left.len() == right.len()
            && left.iter().zip(&right).all(|(&i, &j)| self.dims()[i] == other.dims()[j]);
        if !agree {
            let (lhs, rhs) = (self.shape().clone(), other.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let stay = |x: &Self, gone: &[usize]| -> Vec<usize> {
            (0..x.rank()).filter(|dim| !gone.contains(dim)).collect()
        };
        let (rows, columns) = (stay(self, &left), stay(other, &right));
        let extents =
            |x: &Self, dims: &[usize]| dims.iter().map(|&d| x.dims()[d]).collect::<Vec<_>>();
        let (n, m) = (extents(self, &rows), extents(other, &columns));
        let k: usize = extents(self, &left).iter().product();
        let a = self.permute(&[&rows[..], &left].concat())?.reshape([n.iter().product(), k])?;
        let b =
            other.permute(&[&right[..], &columns].concat())?.reshape([k, m.iter().product()])?;
        a.matmul(&b)?.reshape([n, m].concat())
    }

    /// The p-norms of the differences of every row of `self` and every row of `other`.
    ///
    /// # Shapes
    /// `[..., N, C]`, `[..., M, C]` → `[..., N, M]`; leading dimensions broadcast.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there are fewer than two dimensions; otherwise as
    /// [`Tensor::sub`] and [`Tensor::norm`].
    pub fn cdist(&self, other: &Self, p: f64) -> Result<Self> {
        for x in [self, other] {
            if x.rank() < 2 {
                return Err(unexpected("cdist", "at least two dimensions", x.shape()));
            }
        }
        self.unsqueeze(self.rank() - 1)?.sub(&other.unsqueeze(other.rank() - 2)?)?.norm(p, -1)
    }
}

fn unexpected(op: &'static str, expected: &str, got: &Shape) -> Error {
    let (expected, got) = (expected.to_owned(), got.clone());
    Error::Core(gradus_core::Error::UnexpectedShape { op, expected, got })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, indices, of_shape};
    use crate::{DType, Key};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn a_kronecker_product_has_every_pair(a in of_shape(prop::collection::vec(0..4usize, 2)), b in of_shape(prop::collection::vec(0..4usize, 2))) {
            for dtype in [DType::F64, DType::I64] {
                let (x, y) = (a.make(dtype), b.make(dtype));
                let z = x.kron(&y).unwrap();
                let (n, m) = (y.dims()[0], y.dims()[1]);
                let value = |i: &Vec<usize>| at(&x, &[i[0] / n, i[1] / m]) * at(&y, &[i[0] % n, i[1] % m]);
                let expected: Vec<f64> = indices(z.dims()).iter().map(value).collect();
                assert_close(&z, &[x.dims()[0] * n, x.dims()[1] * m], &expected);
            }
        }

        #[test]
        fn a_tensordot_sums_over_pairs(seed: u64, n in 0..3usize, m in 0..3usize, k in 0..4usize, l in 0..3usize) {
            let draw = |i, shape: [usize; 3]| Tensor::randn(shape, DType::F64, Key::new(seed).fold_in(i)).unwrap();
            let (x, y) = (draw(0, [k, n, l]), draw(1, [l, k, m]));
            let z = x.tensordot(&y, &[0, -1], &[1, 0]).unwrap();
            let value = |i: &Vec<usize>| -> f64 {
                indices(&[k, l]).iter().map(|s| at(&x, &[s[0], i[0], s[1]]) * at(&y, &[s[1], s[0], i[1]])).sum()
            };
            let expected: Vec<f64> = indices(&[n, m]).iter().map(value).collect();
            assert_close(&z, &[n, m], &expected);
        }

        #[test]
        fn a_distance_is_the_norm_of_a_difference(seed: u64, n in 0..4usize, m in 0..4usize, c in 1..3usize) {
            let draw = |i, shape: &[usize]| Tensor::randn(shape, DType::F64, Key::new(seed).fold_in(i)).unwrap();
            let (x, y) = (draw(0, &[2, n, c]), draw(1, &[m, c]));
            let z = x.cdist(&y, 2.0).unwrap();
            let value = |i: &Vec<usize>| -> f64 {
                (0..c).map(|k| (at(&x, &[i[0], i[1], k]) - at(&y, &[i[2], k])).powi(2)).sum::<f64>().sqrt()
            };
            let expected: Vec<f64> = indices(z.dims()).iter().map(value).collect();
            assert_close(&z, &[2, n, m], &expected);
        }
    }

    #[test]
    fn a_vector_product_is_perpendicular() {
        let draw = |i| Tensor::randn([4, 3], DType::F64, Key::new(i)).unwrap();
        let (x, y) = (draw(1), draw(2));
        let z = x.cross(&y, 1).unwrap();
        for a in [&x, &y] {
            let dot = a.mul(&z).unwrap().sum(1).unwrap();
            assert!(dot.allclose(&dot.zeros_like(), 0.0, 1e-12).unwrap());
        }
        assert!(x.cross(&y, 0).is_err());
        assert!(x.outer(&y).is_err() && x.tensordot(&y, &[0], &[1]).is_err());
        assert!(x.tensordot(&y, &[0, 0], &[0, 1]).is_err());
        assert!(Tensor::new([1.0]).cdist(&x, 2.0).is_err());
        let (a, b) = (Tensor::new([1, 2]), Tensor::new([3, 4, 5]));
        assert_eq!(a.outer(&b).unwrap().to_vec::<i64>().unwrap(), [3, 4, 5, 6, 8, 10]);
    }
}
