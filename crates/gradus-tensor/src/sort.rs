//! Sorting along a dimension.

use gradus_core::Dim;
use gradus_cpu::index::{Extents, gather};
use gradus_cpu::memory::take;
use gradus_cpu::sort as kernel;

use crate::dtypes::every;
use crate::{Result, Tensor};

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
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.argsort`
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
        let (last, n) = (self.rank() - 1, self.dims()[dim]);
        let x = self.transpose(dim, last)?.contiguous();
        let mut shape = x.dims().to_vec();
        shape[last] = k;
        let rows = shape[..last].iter().product::<usize>();
        let mut indices = vec![0; rows * k];
        let values = every!(self.dtype(), T => {
            let data = x.elements::<T>();
            if k == n {
                kernel::argsort::<T>(n, &data, order.into(), &mut indices);
            } else {
                kernel::topk::<T>(n, k, &data, order.into(), &mut indices);
            }
            let mut values = take(indices.len());
            gather(Extents { outer: rows, axis: n, count: k, inner: 1 }, &data, &indices, &mut values)
                .expect("a sort gives the places of its elements");
            Self::from_data(values, shape.as_slice())
        });
        let indices = Self::from_data(indices, shape);
        Ok((values.transpose(dim, last)?, indices.transpose(dim, last)?))
    }
}

impl From<Order> for kernel::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Ascending => Self::Ascending,
            Order::Descending => Self::Descending,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{cases, read, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn sorted_lines_are_stable_and_topk_is_their_start(recipe in recipes(3), pick in any::<prop::sample::Index>(), k in 0..5usize) {
            prop_assume!(!recipe.shape.is_empty());
            let dim = pick.index(recipe.shape.len());
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                for order in [Order::Ascending, Order::Descending] {
                    let (values, indices) = x.sort(dim, order).unwrap();
                    prop_assert!(x.gather(dim, &indices).unwrap().equal(&values));
                    prop_assert!(indices.equal(&x.argsort(dim, order).unwrap()));
                    let last = x.rank() - 1;
                    let line = |x: &Tensor| {
                        let x = x.transpose(dim, last).unwrap();
                        read(&x).chunks(recipe.shape[dim].max(1)).map(<[f64]>::to_vec).collect::<Vec<_>>()
                    };
                    for (values, indices) in line(&values).iter().zip(line(&indices)) {
                        for i in 1..values.len() {
                            let (a, b) = (values[i - 1], values[i]);
                            let ordered = if order == Order::Ascending { a < b } else { a > b };
                            prop_assert!(ordered || (a == b && indices[i - 1] < indices[i]));
                        }
                    }
                }
                let k = k.min(recipe.shape[dim]);
                let (top, places) = x.topk(k, dim).unwrap();
                let (values, indices) = x.sort(dim, Order::Descending).unwrap();
                prop_assert!(top.equal(&values.narrow(dim, 0, k).unwrap()));
                prop_assert!(places.equal(&indices.narrow(dim, 0, k).unwrap()));
            }
        }
    }

    #[test]
    fn nan_counts_as_the_largest() {
        let x = Tensor::new([1.0, f32::NAN, 2.0]);
        let order = |order| x.argsort(0, order).unwrap().to_vec::<i64>().unwrap();
        assert_eq!(order(Order::Ascending), [0, 2, 1]);
        assert_eq!(order(Order::Descending), [1, 2, 0]);
        assert!(x.topk(4, 0).is_err());
        assert!(Tensor::new(1.0).sort(0, Order::Ascending).is_err());
    }
}
