//! Sorting along a dimension.

use std::cmp::Ordering;

use gradus_core::Dim;

use crate::dtypes::every;
use crate::{Element, Result, Tensor};

/// The direction of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// Rising.
    #[default]
    Ascending,
    /// Falling.
    Descending,
}

impl Tensor {
    /// The elements of a dimension in order, and where they were (`i64`). Equal elements keep their
    /// order; NaN counts as the largest, as in PyTorch.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Order, Tensor};
    /// let (values, indices) = Tensor::new([3.0, 1.0, 2.0]).sort(0, Order::Ascending)?;
    /// assert_eq!(values.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
    /// assert_eq!(indices.to_vec::<i64>()?, [1, 2, 0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn sort(&self, dim: impl Into<Dim>, order: Order) -> Result<(Self, Self)> {
        let dim = dim.into().resolve("sort", self.rank())?;
        self.sorted(dim, order, self.dims()[dim])
    }

    /// Where the elements of a dimension come from when sorted (`i64`), as the indices of
    /// [`Tensor::sort`].
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn argsort(&self, dim: impl Into<Dim>, order: Order) -> Result<Self> {
        let dim = dim.into().resolve("argsort", self.rank())?;
        Ok(self.sorted(dim, order, self.dims()[dim])?.1)
    }

    /// The `k` largest elements of a dimension in falling order, and where they were (`i64`). On
    /// ties the first comes first.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if `k`
    /// exceeds the extent.
    pub fn topk(&self, k: usize, dim: impl Into<Dim>) -> Result<(Self, Self)> {
        let dim = dim.into().resolve("topk", self.rank())?;
        if k > self.dims()[dim] {
            return Err(gradus_core::Error::InvalidArgument {
                op: "topk",
                name: "k",
                expected: "at most the extent of the dimension",
                got: format!("{k} for a dimension of {}", self.dims()[dim]),
            }
            .into());
        }
        self.sorted(dim, Order::Descending, k)
    }

    /// The first `k` elements in order, and their indices.
    fn sorted(&self, dim: usize, order: Order, k: usize) -> Result<(Self, Self)> {
        let (last, extent) = (self.rank() - 1, self.dims()[dim]);
        let x = self.transpose(dim, last)?;
        let mut shape = x.dims().to_vec();
        shape[last] = k;
        every!(self.dtype(), T => {
            let data = x.elements::<T>();
            let rows = data.len() / extent.max(1);
            let (mut values, mut indices) =
                (Vec::with_capacity(rows * k), Vec::with_capacity(rows * k));
            let mut ids: Vec<usize> = Vec::with_capacity(extent);
            for row in data.chunks_exact(extent.max(1)) {
                ids.clear();
                ids.extend(0..extent);
                // The index breaks ties, so the order is total and the sort stable.
                let before = |&a: &usize, &b: &usize| match order {
                    Order::Ascending => compare(row[a], row[b]).then(a.cmp(&b)),
                    Order::Descending => compare(row[b], row[a]).then(a.cmp(&b)),
                };
                if 0 < k && k < extent {
                    ids.select_nth_unstable_by(k - 1, before);
                }
                ids.truncate(k);
                ids.sort_unstable_by(before);
                values.extend(ids.iter().map(|&i| row[i]));
                indices.extend(ids.iter().map(|&i| i as i64));
            }
            let back = |x: Self| x.transpose(dim, last);
            Ok((back(Self::from_data(values, shape.as_slice()))?, back(Self::from_data(indices, shape))?))
        })
    }
}

/// A total order with NaN last.
fn compare<T: Element>(a: T, b: T) -> Ordering {
    let is_nan = |x: &T| x.partial_cmp(x).is_none();
    a.partial_cmp(&b).unwrap_or_else(|| is_nan(&a).cmp(&is_nan(&b)))
}
