//! Elements moved and repeated: `roll`, `repeat`, `repeat_interleave`, `movedim`, `unbind`.

use gradus_core::{Dim, Shape};

use crate::tensor::addressable;
use crate::{Result, Tensor};

impl Tensor {
    /// Elements moved up by `shift` places along a dimension; what leaves at one end enters at the
    /// other.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([1, 2, 3]).roll(1, 0)?.to_vec::<i64>()?, [3, 1, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn roll(&self, shift: i64, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("roll", self.rank())?;
        let extent = self.dims()[dim];
        if extent == 0 {
            return Ok(self.clone());
        }
        let shift = i128::from(shift).rem_euclid(extent as i128) as usize;
        let (stay, wrap) =
            (self.narrow(dim, 0, extent - shift)?, self.narrow(dim, extent - shift, shift)?);
        Self::cat(&[wrap, stay], dim)
    }

    /// The tensor laid out `times` times along each dimension. Missing leading dimensions, of the
    /// tensor or of `times`, count as 1: PyTorch's `tile`, and its `repeat`.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 2]).repeat(&[2, 2])?;
    /// assert_eq!(x.dims(), [2, 4]);
    /// assert_eq!(x.to_vec::<i64>()?, [1, 2, 1, 2, 1, 2, 1, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn repeat(&self, times: &[usize]) -> Result<Self> {
        let rank = self.rank().max(times.len());
        let pad = |list: &[usize]| [&vec![1; rank - list.len()][..], list].concat();
        let (extents, times) = (pad(self.dims()), pad(times));
        // (1, n) per dimension, of which the first is repeated.
        let pairs = |first: &[usize]| -> Shape {
            first.iter().zip(&extents).flat_map(|(&times, &n)| [times, n]).collect()
        };
        let product = |(&times, &n): (&usize, &usize)| times.saturating_mul(n);
        let whole: Shape = times.iter().zip(&extents).map(product).collect();
        addressable("repeat", &whole)?;
        self.reshape(pairs(&vec![1; rank]))?.expand(pairs(&times))?.reshape(whole)
    }

    /// Each entry of a dimension `times` times, one after another.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`crate::Error::TooLarge`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 2]).repeat_interleave(2, 0)?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 1, 2, 2]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn repeat_interleave(&self, times: usize, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("repeat_interleave", self.rank())?;
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        let n = self.dims()[dim];
        let wide = Shape::from([before, &[n, times], after].concat());
        addressable("repeat_interleave", &wide)?;
        let whole = [before, &[n * times], after].concat();
        self.unsqueeze(dim + 1)?.expand(wide)?.reshape(whole)
    }

    /// Entry `i` of a dimension `times[i]` times, one after another.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] unless there
    /// is a count per entry.
    pub fn repeat_interleave_with(&self, times: &[usize], dim: impl Into<Dim>) -> Result<Self> {
        let op = "repeat_interleave";
        let dim = dim.into().resolve(op, self.rank())?;
        if times.len() != self.dims()[dim] {
            let (name, expected) = ("times", "one count per entry of the dimension");
            let got = format!("{} for a dimension of {}", times.len(), self.dims()[dim]);
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        let total = times.iter().fold(0usize, |sum, &n| sum.saturating_add(n));
        addressable(op, &Shape::from([self.dims(), &[total]].concat()))?;
        let entry = |(i, &n): (usize, &usize)| std::iter::repeat_n(i as i64, n);
        let ids: Vec<i64> = times.iter().enumerate().flat_map(entry).collect();
        self.index_select(dim, &Self::from_vec(ids, total)?)
    }

    /// A dimension moved to another place; the others keep their order. A view.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn movedim(&self, from: impl Into<Dim>, to: impl Into<Dim>) -> Result<Self> {
        let from = from.into().resolve("movedim", self.rank())?;
        let to = to.into().resolve("movedim", self.rank())?;
        let mut order: Vec<usize> = (0..self.rank()).filter(|&dim| dim != from).collect();
        order.insert(to, from);
        self.permute(&order)
    }

    /// The entries of a dimension, which is dropped; views.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn unbind(&self, dim: impl Into<Dim>) -> Result<Vec<Self>> {
        let dim = dim.into().resolve("unbind", self.rank())?;
        (0..self.dims()[dim]).map(|i| self.select(dim, i)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::DType;
    use crate::testing::{at, cases, filled, indices, read, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn elements_stand_where_they_should(recipe in filled(3), pick in any::<prop::sample::Index>(), shift in -9..9i64, n in 0..3usize) {
            let dim = pick.index(recipe.shape.len());
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let extent = x.dims()[dim] as i64;
                let source = |y: &Tensor, place: &dyn Fn(usize) -> usize| -> bool {
                    let from = |i: &Vec<usize>| { let mut i = i.clone(); i[dim] = place(i[dim]); at(&x, &i) };
                    read(y) == indices(y.dims()).iter().map(from).collect::<Vec<_>>()
                };
                let y = x.roll(shift, dim).unwrap();
                prop_assert!(source(&y, &|i| (i as i64 - shift).rem_euclid(extent) as usize));
                prop_assert!(source(&x.repeat_interleave(n, dim).unwrap(), &|i| i / n));
                let times: Vec<usize> = (0..x.dims()[dim]).map(|i| (i + n) % 3).collect();
                let entry = |i| (0..times.len()).find(|&e| times[..=e].iter().sum::<usize>() > i).unwrap();
                prop_assert!(source(&x.repeat_interleave_with(&times, dim).unwrap(), &entry));
                let moved = x.movedim(dim, 0).unwrap();
                let parts = x.unbind(dim).unwrap();
                prop_assert!(parts.iter().enumerate().all(|(i, part)| moved.select(0, i).unwrap().equal(part)));
                prop_assert!(moved.movedim(0, dim).unwrap().equal(&x));
            }
        }

        #[test]
        fn a_repetition_wraps_around(recipe in recipes(2), times in prop::collection::vec(0..3usize, 0..4)) {
            let x = recipe.make(DType::I64);
            let y = x.repeat(&times).unwrap();
            prop_assert_eq!(y.rank(), x.rank().max(times.len()));
            let lead = y.rank() - x.rank();
            let from = |i: &Vec<usize>| {
                let i: Vec<usize> = i[lead..].iter().zip(x.dims()).map(|(i, n)| i % n).collect();
                at(&x, &i)
            };
            prop_assert_eq!(read(&y), indices(y.dims()).iter().map(from).collect::<Vec<_>>());
        }
    }

    #[test]
    fn faults_and_extremes() {
        let x = Tensor::new([[1, 2, 3]]);
        assert_eq!(read(&x.roll(i64::MIN, 1).unwrap()).len(), 3);
        assert!(x.repeat(&[usize::MAX, 2]).is_err() && x.repeat_interleave(usize::MAX, 1).is_err());
        assert!(x.repeat_interleave_with(&[1], 1).is_err() && x.unbind(2).is_err());
        assert!(x.roll(1, 2).is_err() && x.movedim(0, 2).is_err());
        let empty = Tensor::zeros([0, 3], DType::F32).unwrap();
        assert_eq!(empty.roll(1, 0).unwrap().dims(), [0, 3]);
        assert_eq!(empty.repeat(&[2, 2]).unwrap().dims(), [0, 6]);
        assert!(empty.unbind(0).unwrap().is_empty());
    }
}
